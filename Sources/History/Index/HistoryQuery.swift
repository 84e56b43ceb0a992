import Foundation

/// Which jobs a list shows; every condition that is given must hold.
public struct HistoryQuery: Hashable, Sendable {
    /// Words that must all occur in prompt, negative prompt, tags or note; upper case and accents do
    /// not matter.
    public var text: String?
    /// Whether the letters of each word may be apart, as long as they come in order; better matches
    /// then come first.
    public var isFuzzy = false
    /// Tags that a job must all have.
    public var tags: [String] = []
    /// Only starred (true) or only other jobs (false).
    public var isStarred: Bool?
    /// Part of the model's name.
    public var model: String?
    /// Name of the backend.
    public var backend: String?
    /// Queued at this time or later.
    public var since: Date?
    /// Queued before this time.
    public var until: Date?
    /// Name of a session file, or the beginning of it.
    public var session: String?
    /// Where a job must stand.
    public var status: JobStatus?
    /// Least rating.
    public var minimumRating = 0
    /// Whether removed jobs are listed: false hides them, true shows only them.
    public var showsRemoved = false
    /// Most jobs to return; 0 is all.
    public var limit = 50
    /// Jobs to leave out at the beginning.
    public var offset = 0

    /// The 50 newest jobs.
    public init() {}
}
