import Foundation
import Generation
import Hashing

/// Everything that a session file says about one job.
public struct JobDetails: Codable, Hashable, Sendable, Identifiable {
    /// The job's identifier.
    public var id: ULID
    /// When it was queued.
    public var queuedAt: Date
    /// When it finished, failed or was stopped.
    public var endedAt: Date?
    /// Where it stands.
    public var status: JobStatus
    /// The job it was tweaked from.
    public var parent: ULID?
    /// Why it exists.
    public var origin: QueuedJob.Origin?
    /// The process that queued it.
    public var writer: ULID?
    /// The request as it ran: defaults filled in, seeds drawn.
    public var request: GenerationRequest
    /// Program, build and CPU of that process.
    public var engine: EngineIdentity?
    /// Weight files and pictures that took part.
    public var files: [FileIdentity]
    /// SHA-256 of model files by role, as the engine reported them.
    public var modelHashes: [String: String]
    /// Pictures on disk.
    public var images: [SavedImage]
    /// Seconds per part.
    public var timing: GenerationSummary.Timing?
    /// Peak resident memory in bytes.
    public var peakMemoryBytes: Int?
    /// Warnings of the backend.
    public var warnings: [String]
    /// What a remote service returned.
    public var remote: [String: String]
    /// What a remote service calls the job.
    public var taskID: String?
    /// The server that was named for this job alone; nil: the backend's.
    public var baseURL: String?
    /// Why it failed.
    public var failure: FailedJob?
    /// Tags, sorted.
    public var tags: [String]
    public var note: String?
    public var isStarred: Bool
    /// 0 (none) to 5.
    public var rating: Int
    public var isRemoved: Bool

    init(id: ULID, time: Date, queued: QueuedJob, engine: EngineIdentity?) {
        self.id = id
        queuedAt = time
        status = .queued
        parent = queued.parent
        origin = queued.origin
        writer = queued.writer
        request = queued.request
        self.engine = engine
        files = queued.files ?? []
        baseURL = queued.baseURL
        modelHashes = [:]
        images = []
        warnings = []
        remote = [:]
        tags = []
        isStarred = false
        rating = 0
        isRemoved = false
    }

    /// Takes in a later record about the job.
    mutating func apply(_ record: JournalRecord) {
        switch record.content {
        case .started(let details):
            status = .running
            endedAt = nil
            if let request = details.request { self.request = request }
            merge(details.files ?? [])
        case .accepted(let details):
            status = .running
            taskID = details.taskID
        case .image(let image):
            images.removeAll { $0.index == image.index }
            images.append(image)
        case .finished(let details): finish(details, at: record.time)
        case .failed(let failure):
            self.failure = failure
            end(failure.isResumable == true ? .interrupted : .failed, at: record.time)
        case .cancelled: end(.cancelled, at: record.time)
        case .interrupted:
            if endedAt == nil { end(.interrupted, at: record.time) }
        default: annotate(record.content)
        }
    }

    private mutating func annotate(_ content: RecordContent) {
        switch content {
        case .starred(let isOn): isStarred = isOn
        case .tagged(let change):
            tags = Set(tags).union(change.added).subtracting(change.removed).sorted()
        case .rated(let stars): rating = max(0, min(5, stars))
        case .noted(let text): note = text.isEmpty ? nil : text
        case .removed: isRemoved = true
        case .restored: isRemoved = false
        default: break
        }
    }

    private mutating func finish(_ details: FinishedJob, at time: Date) {
        if !details.images.isEmpty { images = details.images }
        timing = details.timing
        peakMemoryBytes = details.peakMemoryBytes
        modelHashes = details.modelHashes ?? [:]
        merge(details.files ?? [])
        warnings = details.warnings ?? []
        remote = details.remote ?? [:]
        end(.finished, at: time)
    }

    private mutating func end(_ status: JobStatus, at time: Date) {
        self.status = status
        endedAt = time
    }

    private mutating func merge(_ news: [FileIdentity]) {
        files.removeAll { old in news.contains { $0.role == old.role } }
        files += news
    }
}
