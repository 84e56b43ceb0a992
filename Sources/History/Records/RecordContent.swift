import Generation
import Hashing

/// What one line of a session file says.
public enum RecordContent: Hashable, Sendable {
    /// A process began to write to the session.
    case opened(SessionOpened)
    /// A job is about to run; written before any work starts.
    case queued(QueuedJob)
    /// The job runs.
    case started(StartedJob)
    /// A remote service took the job.
    case accepted(AcceptedJob)
    /// A picture is safely on disk, while others of the job may follow.
    case image(SavedImage)
    /// All pictures are there.
    case finished(FinishedJob)
    /// The job ended with an error.
    case failed(FailedJob)
    /// A person stopped the job.
    case cancelled
    /// The process that ran the job is gone; written by the next one.
    case interrupted
    case starred(Bool)
    case tagged(TagChange)
    /// 0 (none) to 5.
    case rated(Int)
    /// A note; empty removes it.
    case noted(String)
    /// Hidden from lists; a record, not an erasure.
    case removed
    case restored
    /// A kind or version that this program does not know. Kept as it is, never rewritten.
    case unknown(kind: String, version: Int)

    /// The `record` key of the line.
    public var kind: String {
        switch self {
        case .opened: "opened"
        case .queued: "queued"
        case .started: "started"
        case .accepted: "accepted"
        case .image: "image"
        case .finished: "finished"
        case .failed: "failed"
        case .cancelled: "cancelled"
        case .interrupted: "interrupted"
        case .starred: "starred"
        case .tagged: "tagged"
        case .rated: "rated"
        case .noted: "noted"
        case .removed: "removed"
        case .restored: "restored"
        case .unknown(let kind, _): kind
        }
    }
}

extension RecordContent {
    /// Refuses what a person says of a job when a terminal would act on it instead of showing it.
    ///
    /// - Throws: ``JournalError/badValue(_:)``.
    func checkWords() throws(JournalError) {
        let words: [String]
        switch self {
        case .noted(let text): words = [text]
        // What is taken away may be as bad as it is.
        case .tagged(let change): words = change.added
        default: return
        }
        let isBad = words.contains { word in
            word.unicodeScalars.contains {
                $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
            }
        }
        if isBad { throw .badValue("Control characters are not accepted in notes and tags") }
    }
}

/// A process that writes to a session.
public struct SessionOpened: Codable, Hashable, Sendable {
    /// The session's own identifier, also part of the file's name.
    public var session: ULID
    /// The writing process; its lock says whether it is alive.
    public var writer: ULID
    /// Program, engine build and CPU features.
    public var engine: EngineIdentity
}

/// A job before it runs.
public struct QueuedJob: Codable, Hashable, Sendable {
    /// Why the job exists, when a person did not simply ask for it.
    public enum Origin: String, Codable, Sendable {
        case tweak, retry, replay, sweep, imported
    }

    /// The process that queued it.
    public var writer: ULID?
    /// The job it was tweaked from.
    public var parent: ULID?
    /// Why it exists.
    public var origin: Origin?
    /// The whole request: defaults filled in, seeds drawn, template and expansion both.
    public var request: GenerationRequest
    /// Every weight file and picture that takes part, as far as known before the work.
    public var files: [FileIdentity]?
    /// The server that was named for this job alone, without user and query; nil: the backend's.
    public var baseURL: String?

    /// A job to be queued.
    public init(
        request: GenerationRequest, parent: ULID? = nil, origin: Origin? = nil,
        files: [FileIdentity]? = nil, baseURL: String? = nil
    ) {
        self.request = request
        self.parent = parent
        self.origin = origin
        self.files = files
        self.baseURL = baseURL
    }
}

/// A job that runs.
public struct StartedJob: Codable, Hashable, Sendable {
    /// The request as the backend runs it, only when it differs from the queued one.
    public var request: GenerationRequest?
    /// Identities that became known since the job was queued.
    public var files: [FileIdentity]?

    /// A start without news.
    public init(request: GenerationRequest? = nil, files: [FileIdentity]? = nil) {
        self.request = request
        self.files = files
    }
}

/// A job at a remote service.
public struct AcceptedJob: Codable, Hashable, Sendable {
    /// What the service calls it; enough to come back for the result.
    public var taskID: String
}

/// A picture on disk.
public struct SavedImage: Codable, Hashable, Sendable {
    /// Which picture of the request, from 0.
    public var index: Int
    /// Where it is: relative to the data folder (or to an exported session), or absolute.
    public var path: String
    /// The seed that made it, nil when a service does not say.
    public var seed: UInt64?
    /// Pixels.
    public var width: Int
    /// Pixels.
    public var height: Int
    /// SHA-256 over the raw RGB rows.
    public var pixelsSHA256: String
    /// The safety checker's verdict, nil when it did not run.
    public var isFlagged: Bool?
    /// How far its worst concept lies above the checker's threshold, nil when it did not run.
    public var safetyScore: Double?
    /// Whether it is what there was when the job was stopped; nil: it is finished.
    public var isPartial: Bool?

    /// A picture at `path`.
    public init(
        index: Int, path: String, seed: UInt64?, width: Int, height: Int, pixelsSHA256: String,
        isFlagged: Bool? = nil, safetyScore: Double? = nil, isPartial: Bool? = nil
    ) {
        self.index = index
        self.path = path
        self.seed = seed
        self.width = width
        self.height = height
        self.pixelsSHA256 = pixelsSHA256
        self.isFlagged = isFlagged
        self.safetyScore = safetyScore
        self.isPartial = isPartial
    }
}

/// A job whose pictures are all there.
public struct FinishedJob: Codable, Hashable, Sendable {
    /// The pictures, in order.
    public var images: [SavedImage]
    /// Seconds per part.
    public var timing: GenerationSummary.Timing?
    /// Peak resident memory of the process in bytes.
    public var peakMemoryBytes: Int?
    /// SHA-256 of each model file that took part, by role.
    public var modelHashes: [String: String]?
    /// Weight files and pictures that took part, when they became known during the work.
    public var files: [FileIdentity]?
    /// Warnings of the backend.
    public var warnings: [String]?
    /// What a remote service returned: task, credits, its own names of things.
    public var remote: [String: String]?

    /// A finished job.
    public init(
        images: [SavedImage], summary: GenerationSummary? = nil, files: [FileIdentity]? = nil,
        warnings: [String] = [], remote: [String: String]? = nil
    ) {
        self.images = images
        self.files = files
        timing = summary?.timing
        peakMemoryBytes = summary?.peakMemoryBytes
        modelHashes = summary.flatMap { $0.modelHashes.isEmpty ? nil : $0.modelHashes }
        self.warnings = warnings.isEmpty ? nil : warnings
        self.remote = remote
    }
}

/// A job that ended with an error.
public struct FailedJob: Codable, Hashable, Sendable {
    /// What and where.
    public var summary: String
    /// What to do about it.
    public var hint: String?
    /// Whether a service has the job all the same, so that it counts as interrupted; nil: no.
    public var isResumable: Bool?
}

extension FailedJob {
    /// What is kept of an error, with texts made printable. A job that a service still has counts as
    /// interrupted: see ``ResumableError``.
    public init(_ error: any Error) {
        let known = error as? any UserFacingError
        summary = printable(known?.summary ?? String(describing: error), limit: 2000)
        hint = known?.hint.map { printable($0) }
        isResumable = (error as? any ResumableError)?.isResumable == true ? true : nil
    }
}

/// Tags that were added and removed.
public struct TagChange: Codable, Hashable, Sendable {
    public var added: [String]
    public var removed: [String]

    /// A change of tags.
    public init(added: [String] = [], removed: [String] = []) {
        self.added = added
        self.removed = removed
    }
}
