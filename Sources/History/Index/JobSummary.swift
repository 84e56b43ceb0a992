import Foundation
import Generation

/// What lists show of a job; everything else is read from its session on demand.
public struct JobSummary: Codable, Hashable, Sendable, Identifiable {
    /// The job's identifier.
    public var id: ULID
    /// Name of the session file.
    public var session: String
    /// The job it was tweaked from.
    public var parent: ULID?
    /// When it was queued.
    public var queuedAt: Date
    /// When it finished, failed or was stopped.
    public var endedAt: Date?
    /// Where it stands.
    public var status: JobStatus
    /// What was typed. Untrusted: show it through `printable()`.
    public var prompt: String
    /// What was typed as the negative prompt.
    public var negativePrompt: String?
    /// Backend's name.
    public var backend: String
    /// Model as requested; nil: the embedded one.
    public var model: String?
    /// Sampler's name.
    public var sampler: String?
    /// First seed.
    public var seed: UInt64?
    public var width: Int?
    public var height: Int?
    public var steps: Int?
    /// Tags, sorted.
    public var tags: [String]
    /// A person's note.
    public var note: String?
    public var isStarred: Bool
    /// 0 (none) to 5.
    public var rating: Int
    public var isRemoved: Bool
    /// Pictures on disk.
    public var imageCount: Int
    /// The first of them, as recorded.
    public var firstImage: String?
}
