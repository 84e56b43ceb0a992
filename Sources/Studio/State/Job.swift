import Generation

/// A request on its way through the queue.
public struct Job: Hashable, Sendable {
    /// Names a job within one run of the studio.
    public typealias ID = Int

    /// Where a job stands.
    public enum Phase: Hashable, Sendable {
        case waiting
        case running(Progress)
        /// Cancelled by the user; the backend has not ended yet.
        case stopping
    }

    public let id: ID
    /// As it was sent off; the seeds are empty where they are still to be drawn. Of a replay only
    /// the backend counts.
    public var request: GenerationRequest
    /// Seeds that are drawn when the job starts; 0 when the request names its seeds.
    public var randomSeeds: Int
    public var phase: Phase
    /// The history entry that it was made from.
    public let parent: String?
    /// History entries that are run again to be compared; empty for a job that makes new pictures.
    public let replays: [String]
    /// How many of ``replays`` have ended.
    public var replayed = 0
    /// The task of a service whose result is fetched; nil for a job that is sent off.
    public var resumes: String?
    /// The server that has the task, where it is not the backend's own.
    public var server: String?
    /// The cell of the ``Sheet`` that the job fills.
    public var cell: Int?
    /// What the person was told about the request before it was sent; kept with the record.
    public var notes: [String] = []

    public init(
        id: ID, request: GenerationRequest, randomSeeds: Int, parent: String? = nil,
        replays: [String] = [], phase: Phase = .waiting
    ) {
        self.id = id
        self.request = request
        self.randomSeeds = randomSeeds
        self.parent = parent
        self.replays = replays
        self.phase = phase
    }

    /// Pictures that the job makes.
    public var imageCount: Int { max(1, max(randomSeeds, request.seeds.count)) }

    /// Whether the next start takes the job up again when this one ends in the middle of it.
    public var comesBack: Bool { isWaiting || isReplay || resumes != nil }
    public var isWaiting: Bool { phase == .waiting }
    public var isReplay: Bool { !replays.isEmpty }
}
