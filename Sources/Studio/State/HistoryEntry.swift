import Generation

/// A finished, failed or interrupted run as the history pane shows it.
public struct HistoryEntry: Hashable, Sendable {
    /// How the run ended.
    public enum Status: String, Hashable, Sendable {
        case finished, failed, cancelled, interrupted, running
    }

    /// A picture of the run.
    public struct Picture: Hashable, Sendable {
        /// Where the file lies; nil when it was not kept.
        public var path: String?
        public var seed: UInt64?
        public var width: Int
        public var height: Int
        /// Whether it is what there was when the run was stopped.
        public var isPartial: Bool

        public init(
            path: String?, seed: UInt64?, width: Int, height: Int, isPartial: Bool = false
        ) {
            self.path = path
            self.seed = seed
            self.width = width
            self.height = height
            self.isPartial = isPartial
        }
    }

    /// The journal's name of the entry.
    public let id: String
    /// Seconds since 1970.
    public var date: Double
    /// As it ran, seeds included.
    public var request: GenerationRequest
    public var status: Status
    public var pictures: [Picture]
    /// Why it failed, for people.
    public var problem: String?
    /// Whether ``request`` has every field, or only those that the list shows.
    public var isComplete = true
    public var isStarred = false
    public var tags: [String] = []
    public var note = ""
    /// The entry that it was made from.
    public var parent: String?
    /// The name of the session file that holds it.
    public var session: String?

    public init(
        id: String, date: Double, request: GenerationRequest, status: Status,
        pictures: [Picture] = []
    ) {
        self.id = id
        self.date = date
        self.request = request
        self.status = status
        self.pictures = pictures
    }

    /// The entry with what a newer reading says of it; fields that only a full reading knows stay.
    func updated(by newer: HistoryEntry) -> HistoryEntry {
        guard isComplete, !newer.isComplete, newer.status == status,
            newer.pictures.count == pictures.count
        else { return newer }
        var entry = self
        entry.isStarred = newer.isStarred
        entry.tags = newer.tags
        entry.note = newer.note
        return entry
    }
}
