import Generation

/// What a person has typed and set: saved while they work, restored at the next start.
public struct Draft: Hashable, Sendable, Codable {
    public var prompt: String
    public var negative: String
    /// The parameters; prompt, negative prompt and seeds of it are not used.
    public var request: GenerationRequest
    public var seed: SeedSetting
    public var count: Int
    /// Jobs that had not begun.
    public var waiting: [WaitingJob]
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

/// A job of the queue that has to survive.
public struct WaitingJob: Hashable, Sendable, Codable {
    /// As it was sent off.
    public var request: GenerationRequest
    /// Seeds to be drawn when it starts; 0 when the request names them.
    public var randomSeeds: Int
    /// The history entry that it was made from.
    public var parent: String?
    /// History entries that are to be run again; nil for a job that makes new pictures.
    public var replays: [String]?

    public init(_ job: Job) {
        request = job.request
        randomSeeds = job.randomSeeds
        parent = job.parent
        replays = job.isReplay ? Array(job.replays.dropFirst(job.replayed)) : nil
    }

    private enum Key: String, CodingKey {
        case request, randomSeeds, parent, replays
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        guard container.contains(.request) else {
            // Drafts of the first versions hold the request alone.
            request = try GenerationRequest(from: decoder)
            randomSeeds = request.seeds.isEmpty ? 1 : 0
            return
        }
        request = try container.decode(GenerationRequest.self, forKey: .request)
        randomSeeds = max(0, try container.decode(Int.self, forKey: .randomSeeds))
        parent = try container.decodeIfPresent(String.self, forKey: .parent)
        replays = try container.decodeIfPresent([String].self, forKey: .replays)
    }
}
