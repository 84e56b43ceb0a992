import Generation

/// A finished, failed or interrupted run as the history pane shows it.
///
/// There may be a hundred thousand: what a list shows is kept small and, where entries have it in
/// common, once (``sharing(with:)``). The rest is there while an entry is complete, and is read
/// again when it is needed.
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

    /// What a list shows of a request besides prompt and seed: most entries have it in common.
    public struct Settings: Hashable, Sendable {
        public var backend = ""
        public var negativePrompt: String?
        public var model: String?
        public var sampler: Sampler?
        public var style: String?
        public var width: Int?
        public var height: Int?
        public var steps: Int?

        public init() {}
    }

    /// What a list shows of an entry.
    public struct Brief: Hashable, Sendable {
        /// The journal's name of the entry.
        public var id: String
        /// Seconds since 1970.
        public var date: Double
        public var status: Status
        /// What was typed.
        public var prompt: String
        /// The first seed.
        public var seed: UInt64?
        public var pictureCount = 0
        public var settings = Settings()

        public init(id: String, date: Double, status: Status, prompt: String) {
            self.id = id
            self.date = date
            self.status = status
            self.prompt = prompt
        }
    }

    /// What was said of a run; few have anything of it.
    private struct Remarks: Hashable, Sendable {
        var problem: String?
        var tags: [String] = []
        var note = ""
        var warnings: [String] = []
    }

    /// Everything that was asked for and came out.
    private struct Whole: Hashable, Sendable {
        var request: GenerationRequest
        var pictures: [Picture]
    }

    /// ``id``, as it is compared and kept.
    let name: EntryName
    /// ``parent``, likewise.
    private(set) var parentName: EntryName?
    /// Seconds since 1970.
    public var date: Double
    /// What was typed.
    public private(set) var prompt: String
    /// The first seed; nil when none was drawn.
    public private(set) var seed: UInt64?
    /// How many seeds are known.
    public private(set) var seedCount: Int32
    public private(set) var pictureCount: Int32
    public var status: Status
    public var isStarred = false
    /// The name of the session file that holds it.
    public var session: String?
    private var sharedSettings: Shared<Settings>
    private var remarks: Shared<Remarks>?
    private var whole: Shared<Whole>?

    /// An entry with every field of its request.
    public init(
        id: String, date: Double, request: GenerationRequest, status: Status,
        pictures: [Picture] = []
    ) {
        name = EntryName(id)
        self.date = date
        self.status = status
        prompt = request.prompt
        seed = request.seeds.first
        seedCount = Int32(clamping: request.seeds.count)
        pictureCount = Int32(clamping: pictures.count)
        sharedSettings = Shared(Settings(request))
        whole = Shared(Whole(request: request, pictures: pictures))
    }

    /// An entry without what has to be read of it; see ``isComplete``.
    public init(_ brief: Brief) {
        name = EntryName(brief.id)
        date = brief.date
        status = brief.status
        prompt = brief.prompt
        seed = brief.seed
        seedCount = brief.seed == nil ? 0 : 1
        pictureCount = Int32(clamping: brief.pictureCount)
        sharedSettings = Shared(brief.settings)
    }

    /// The journal's name of the entry.
    public var id: String { name.text }

    /// The entry that it was made from.
    public var parent: String? {
        get { parentName?.text }
        set { parentName = newValue.map { EntryName($0) } }
    }

    public var settings: Settings { sharedSettings.value }

    /// Whether ``request`` has every field, or only those that the list shows.
    public var isComplete: Bool { whole != nil }

    /// As it ran, seeds included.
    public var request: GenerationRequest {
        get {
            if let whole { return whole.value.request }
            var request = GenerationRequest(prompt: prompt)
            request.seeds = seed.map { [$0] } ?? []
            settings.fill(&request)
            return request
        }
        set { fill(with: newValue, pictures: pictures) }
    }

    public var pictures: [Picture] {
        get {
            if let whole { return whole.value.pictures }
            let (width, height) = (settings.width ?? 1, settings.height ?? 1)
            return (0..<Int(pictureCount)).map { index in
                Picture(path: nil, seed: index == 0 ? seed : nil, width: width, height: height)
            }
        }
        set { fill(with: request, pictures: newValue) }
    }

    /// Makes the entry complete.
    public mutating func fill(with request: GenerationRequest, pictures: [Picture]) {
        prompt = request.prompt
        seed = request.seeds.first
        seedCount = Int32(clamping: request.seeds.count)
        pictureCount = Int32(clamping: pictures.count)
        sharedSettings = Shared(Settings(request))
        whole = Shared(Whole(request: request, pictures: pictures))
    }

    /// Why it failed, for people.
    public var problem: String? {
        get { remarks?.value.problem }
        set { remark { $0.problem = newValue } }
    }

    public var tags: [String] {
        get { remarks?.value.tags ?? [] }
        set { remark { $0.tags = newValue } }
    }

    public var note: String {
        get { remarks?.value.note ?? "" }
        set { remark { $0.note = newValue } }
    }

    /// What was to be known about the run; only of a complete entry.
    public var warnings: [String] {
        get { remarks?.value.warnings ?? [] }
        set { remark { $0.warnings = newValue } }
    }

    private mutating func remark(_ change: (inout Remarks) -> Void) {
        var changed = remarks?.value ?? Remarks()
        change(&changed)
        remarks = changed == Remarks() ? nil : Shared(changed)
    }

    /// Only what a list shows.
    public var brief: HistoryEntry {
        var entry = self
        entry.whole = nil
        return entry
    }

    /// The same entry, which shares with another one what both have in common.
    public func sharing(with other: HistoryEntry) -> HistoryEntry {
        var entry = self
        if prompt == other.prompt { entry.prompt = other.prompt }
        if sharedSettings == other.sharedSettings { entry.sharedSettings = other.sharedSettings }
        if session == other.session { entry.session = other.session }
        return entry
    }

    /// The entry with what a newer reading says of it; what only a full reading knows stays.
    func updated(by newer: HistoryEntry) -> HistoryEntry {
        guard !newer.isComplete, newer.status == status, newer.pictureCount == pictureCount else {
            return newer
        }
        var entry = isComplete ? self : newer
        entry.isStarred = newer.isStarred
        entry.tags = newer.tags
        entry.note = newer.note
        entry.problem = newer.problem ?? problem
        entry.seedCount = max(seedCount, newer.seedCount)
        return entry
    }
}

extension HistoryEntry.Settings {
    fileprivate init(_ request: GenerationRequest) {
        backend = request.backend
        negativePrompt = request.negativePrompt
        model = request.model
        sampler = request.sampler
        style = request.style
        width = request.width
        height = request.height
        steps = request.steps
    }

    fileprivate func fill(_ request: inout GenerationRequest) {
        request.backend = backend
        request.negativePrompt = negativePrompt
        request.model = model
        request.sampler = sampler
        request.style = style
        request.width = width
        request.height = height
        request.steps = steps
    }
}
