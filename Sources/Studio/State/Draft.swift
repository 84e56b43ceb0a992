import Generation

/// What a person has typed and set: saved while they work, restored at the next start.
public struct Draft: Hashable, Sendable, Codable {
    public var prompt: String
    public var negative: String
    /// The parameters; prompt, negative prompt and seeds of it are not used.
    public var request: GenerationRequest
    public var seed: SeedSetting
    public var count: Int
    /// Requests that had not begun.
    public var waiting: [GenerationRequest]
    public var theme: String?

    public init(
        prompt: String, negative: String, request: GenerationRequest,
        seed: SeedSetting = SeedSetting(), count: Int = 1
    ) {
        self.prompt = prompt
        self.negative = negative
        self.request = request
        self.seed = seed
        self.count = count
        waiting = []
    }
}
