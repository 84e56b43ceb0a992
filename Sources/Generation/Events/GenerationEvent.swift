/// What a generator reports while it works, in order; ``finished(_:)`` is the last of a success.
public enum GenerationEvent: Hashable, Sendable {
    /// The request as it runs: defaults filled in, seeds drawn. Always the first event.
    case started(GenerationRequest)
    /// A new stage, or progress within one.
    case stage(Stage)
    /// A cheap look at the picture under way. Newer ones replace older ones.
    case preview(PreviewImage)
    /// A picture is finished.
    case image(GeneratedImage)
    /// Something worth telling that does not stop the work.
    case warning(String)
    /// A remote task was accepted; enough to come back for its result after a restart.
    case accepted(taskID: String)
    /// Everything is done.
    case finished(GenerationSummary)
}

/// A picture under way.
public struct PreviewImage: Hashable, Sendable {
    /// Which picture of the request, from 0.
    public let index: Int
    /// Steps that are done.
    public let step: Int
    /// The picture, usually an eighth of the final size.
    public let image: PixelImage

    /// A preview of picture `index` after `step` steps.
    public init(index: Int, step: Int, image: PixelImage) {
        self.index = index
        self.step = step
        self.image = image
    }
}

/// A finished picture.
public struct GeneratedImage: Hashable, Sendable {
    /// Which picture of the request, from 0.
    public let index: Int
    /// The seed that made it, nil when a service does not say.
    public let seed: UInt64?
    /// The pixels.
    public let image: PixelImage
    /// The safety checker's verdict, nil when it did not run.
    public let isFlagged: Bool?
    /// How far its worst concept lies above the checker's threshold (below: negative); nil when the
    /// checker did not run or does not say.
    public let safetyScore: Double?

    /// A finished picture.
    public init(
        index: Int, seed: UInt64?, image: PixelImage, isFlagged: Bool? = nil,
        safetyScore: Double? = nil
    ) {
        self.index = index
        self.seed = seed
        self.image = image
        self.isFlagged = isFlagged
        self.safetyScore = safetyScore
    }
}

/// Figures of a finished run.
public struct GenerationSummary: Hashable, Sendable, Codable {
    /// Seconds per part of the run.
    public struct Timing: Hashable, Sendable, Codable {
        public var load: Double = 0
        public var encode: Double = 0
        public var denoise: Double = 0
        public var decode: Double = 0
        public var total: Double = 0
        public var secondsPerStep: Double = 0

        /// All zero.
        public init() {}
    }

    /// Seconds per part.
    public var timing: Timing
    /// Peak resident memory of the process in bytes; nil for remote backends.
    public var peakMemoryBytes: Int?
    /// SHA-256 of each model file that took part, by role (`model`, `vae`, ...), when known.
    public var modelHashes: [String: String]
    /// What is left to spend at a service, in its own unit; nil when it does not say.
    public var remainingCredits: Double?

    /// Figures of a run.
    public init(
        timing: Timing = Timing(), peakMemoryBytes: Int? = nil, modelHashes: [String: String] = [:]
    ) {
        self.timing = timing
        self.peakMemoryBytes = peakMemoryBytes
        self.modelHashes = modelHashes
    }
}
