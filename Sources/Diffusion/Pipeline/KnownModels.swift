import Foundation

/// What has a name beside checkpoints and VAEs, asked anew whenever it is needed.
public struct KnownModels: Sendable {
    /// Every checkpoint; they lend a VAE or text encoders to files that hold none.
    public var checkpoints: @Sendable () -> [URL]
    /// The LoRA of a name, nil when nobody knows it.
    public var lora: @Sendable (String) -> URL?
    /// Every textual inversion that fits a request's model (nil: the default one) by its name, which
    /// is a word in prompts.
    public var embeddings: @Sendable (_ model: String?) -> [String: URL]
    /// Every safety checker, for requests that name none.
    public var safetyCheckers: @Sendable () -> [URL]

    /// Knows nothing unless told.
    public init(
        checkpoints: @escaping @Sendable () -> [URL] = { [] },
        lora: @escaping @Sendable (String) -> URL? = { _ in nil },
        embeddings: @escaping @Sendable (_ model: String?) -> [String: URL] = { _ in [:] },
        safetyCheckers: @escaping @Sendable () -> [URL] = { [] }
    ) {
        self.checkpoints = checkpoints
        self.lora = lora
        self.embeddings = embeddings
        self.safetyCheckers = safetyCheckers
    }
}
