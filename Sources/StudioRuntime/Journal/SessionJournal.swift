import Foundation
import Generation
import Hashing
import History
import Images
import Settings
import Studio

/// The journal on disk: one session file per run of the studio, pictures as PNG with metadata.
public actor SessionJournal: StudioJournal {
    let store: JournalStore
    let folders: Folders
    let opened: OpenedSession?
    private let identify: @Sendable () -> EngineIdentity
    private lazy var engine = identify()
    private var session: SessionWriter?
    /// The index as it was read last; what is written later is read on top of it.
    private var index: HistoryIndex?
    /// What others have written and nobody has been told of.
    private var untold = JournalChange(entries: [])
    private var running: [String: Run] = [:]

    /// What is kept of a job while it runs.
    private struct Run {
        let job: ULID
        var request: GenerationRequest
        var images: [SavedImage] = []
    }

    /// The journal of these folders.
    ///
    /// - Parameters:
    ///   - session: a file, a name or the beginning of a name: only jobs of this session are
    ///     entries; nil: all.
    ///   - engine: identifies program and machine; asked when the first job begins.
    /// - Throws: ``SessionNotFound``; `JournalError` for a file that is no session.
    public init(
        folders: Folders, session: String? = nil,
        engine: @escaping @Sendable () -> EngineIdentity
    ) throws {
        self.folders = folders
        identify = engine
        let store = JournalStore(folders: folders)
        self.store = store
        opened = try session.map { try OpenedSession($0, in: store) }
    }

    public func recoverInterrupted() throws -> Int {
        let index = try store.index()
        self.index = index
        return try store.recoverInterrupted(in: index).count
    }

    public func entries() throws -> [HistoryEntry] {
        if case .foreign(_, let jobs)? = opened {
            return jobs.values.sorted { $0.id > $1.id }.map { HistoryEntry($0) }
        }
        var query = HistoryQuery()
        if case .own(let name)? = opened { query.session = name }
        query.limit = 0
        let index = try store.index(after: self.index)
        self.index = index
        var last: HistoryEntry?
        return index.map(query) { job in
            let entry = HistoryEntry(job)
            let shared = last.map { entry.sharing(with: $0) } ?? entry
            last = shared
            return shared
        }
    }

    public func entry(_ id: String) throws -> HistoryEntry {
        if let job = opened?.foreignJob(id) { return HistoryEntry(job) }
        let summary = try summary(id)
        let job = try store.details(of: summary)
        return HistoryEntry(
            summary, job.request, job.images, job.failure, warnings: job.warnings)
    }

    public func leftRemote() throws -> [LeftJob] {
        if case .foreign? = opened { return [] }
        let index = try self.index ?? store.index()
        return try index.untakenJobs.compactMap { summary in
            guard !["local", "fake"].contains(summary.backend) else { return nil }
            let job = try store.details(of: summary)
            guard let task = job.taskID else { return nil }
            // A session that came from elsewhere does not decide where a key of this machine is sent.
            let isImported = summary.session.hasSuffix(JournalStore.importedSuffix)
            guard job.baseURL == nil || !isImported else { return nil }
            return LeftJob(
                entry: summary.id.description, request: job.request, task: task,
                server: job.baseURL)
        }
    }

    public func begin(
        _ request: GenerationRequest, parent: String?, origin: QueuedJob.Origin?, server: String?
    ) throws -> String {
        let session = self.session ?? store.openSession(engine)
        self.session = session
        let job = try session.queue(
            QueuedJob(
                request: request, parent: parent.flatMap { ULID($0) }, origin: origin,
                baseURL: server))
        running[job.description] = Run(job: job, request: request)
        return job.description
    }

    public func started(_ entry: String, _ request: GenerationRequest) throws {
        guard let run = running[entry] else { return }
        running[entry]?.request = request
        try session?.started(run.job, StartedJob(request: request))
    }

    public func accepted(_ entry: String, taskID: String) throws {
        guard let run = running[entry] else { return }
        try session?.accepted(run.job, taskID: taskID)
    }

    public func add(_ picture: GeneratedImage, to entry: String) throws {
        guard let run = running[entry] else { return }
        let hash = picture.image.pixelsSHA256
        var record = PictureRecord(
            request: run.request, seed: picture.seed, pixelsSHA256: hash, job: entry)
        if ["local", "fake"].contains(run.request.backend) { record.engine = engine }
        let plain = try PNGCodec.encode(picture.image, level: 6)
        let bytes = try PictureMetadata.embed(
            record, in: Data(plain), width: picture.image.width, height: picture.image.height)
        let url = try write(Array(bytes), as: "\(entry)-\(picture.index)")
        let saved = SavedImage(
            index: picture.index, path: store.recordedPath(of: url), seed: picture.seed,
            width: picture.image.width, height: picture.image.height, pixelsSHA256: hash,
            isFlagged: picture.isFlagged, safetyScore: picture.safetyScore)
        running[entry]?.images.append(saved)
        try session?.saved(run.job, saved)
    }

    /// Keeps what there was of a picture when its run was stopped. Without metadata: nothing makes
    /// these pixels again.
    private func add(partial: PreviewImage, to entry: String, _ run: inout Run) throws {
        guard !run.images.contains(where: { $0.index == partial.index }) else { return }
        let seeds = run.request.seeds
        let url = try write(
            try PNGCodec.encode(partial.image, level: 6), as: "\(entry)-\(partial.index)-stopped")
        let saved = SavedImage(
            index: partial.index, path: store.recordedPath(of: url),
            seed: seeds.indices.contains(partial.index) ? seeds[partial.index] : nil,
            width: partial.image.width, height: partial.image.height,
            pixelsSHA256: partial.image.pixelsSHA256, isPartial: true)
        run.images.append(saved)
        try session?.saved(run.job, saved)
    }

    private func write(_ bytes: [UInt8], as name: String) throws -> URL {
        let url = folders.images.appendingPathComponent("\(name).png")
        try Folders.create(folders.images)
        try AtomicFile.write(bytes, to: url.path, access: .owner)
        return url
    }

    public func finish(_ entry: String, _ outcome: RunOutcome) throws -> HistoryEntry {
        guard var run = running.removeValue(forKey: entry), let session else {
            throw MemoryJournal.MissingPicture()
        }
        var failure: FailedJob?
        switch outcome.status {
        case .finished:
            let details = FinishedJob(
                images: run.images, summary: outcome.summary, warnings: outcome.warnings,
                remote: outcome.summary?.remainingCredits.map { ["remainingCredits": "\($0)"] })
            try session.finished(run.job, details)
        case .failed:
            let error = outcome.error ?? CancellationError()
            failure = FailedJob(error)
            try session.failed(run.job, error)
        default:
            if let partial = outcome.partial { try add(partial: partial, to: entry, &run) }
            try session.cancelled(run.job)
        }
        try refresh([session.sessionName], except: run.job)
        guard let summary = index?.job(run.job) else { throw MemoryJournal.MissingPicture() }
        return HistoryEntry(
            summary, run.request, run.images, failure, warnings: outcome.warnings)
    }

    // MARK: The index

    /// Reads what was written to some sessions; what others did there is told with the next change.
    ///
    /// - Parameter own: a job of which the studio knows.
    func refresh(_ names: Set<String>, except own: ULID? = nil) throws {
        var index = try self.index ?? store.index()
        // The only copy: it is added to, not copied.
        self.index = nil
        let changes = store.refresh(&index, sessions: names)
        self.index = index
        for (name, change) in changes where isShown(session: name) {
            for job in change.changed where job.id != own { tell(job) }
            untold.gone += change.gone.map(\.description)
        }
    }

    private func isShown(session name: String) -> Bool {
        if case .own(let shown)? = opened { name == shown } else { true }
    }

    private func tell(_ job: JobSummary) {
        let id = job.id.description
        // Of its own jobs the studio hears by another way, when they have ended.
        guard running[id] == nil else { return }
        if job.isRemoved {
            untold.gone.append(id)
        } else {
            untold.entries.append(HistoryEntry(job))
        }
    }

    /// Reads what has changed in some session files; nil when that is nothing.
    func change(_ names: Set<String>) -> JournalChange? {
        // Before the history was read there is nothing to compare with.
        guard index != nil else { return nil }
        try? refresh(names)
        defer { untold = JournalChange(entries: []) }
        return untold.entries.isEmpty && untold.gone.isEmpty ? nil : untold
    }

    public func annotate(_ entry: HistoryEntry) throws {
        let old = try summary(entry.id)
        if old.isStarred != entry.isStarred { try store.annotate(old, .starred(entry.isStarred)) }
        if (old.note ?? "") != entry.note { try store.annotate(old, .noted(entry.note)) }
        let change = TagChange(
            added: entry.tags.filter { !old.tags.contains($0) },
            removed: old.tags.filter { !entry.tags.contains($0) })
        if !change.added.isEmpty || !change.removed.isEmpty {
            try store.annotate(old, .tagged(change))
        }
        try refresh([old.session], except: old.id)
    }

    public func delete(_ entry: String) throws {
        let job = try summary(entry)
        try store.annotate(job, .removed)
        try refresh([job.session], except: job.id)
    }

    public func undelete(_ entry: HistoryEntry) throws {
        let job = try summary(entry.id)
        try store.annotate(job, .restored)
        try refresh([job.session], except: job.id)
    }

    public func picture(_ index: Int, of entry: String) throws -> PixelImage {
        guard let url = try pictureFile(index, of: entry) else {
            throw MemoryJournal.MissingPicture()
        }
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw MemoryJournal.MissingPicture(file: url.path)
        }
        return try ImageFile.read(url.path)
    }

    public func pictureFile(_ index: Int, of entry: String) throws -> URL? {
        let (images, url) = try pictures(of: entry)
        return images.indices.contains(index) ? url(images[index].path) : nil
    }

    /// The pictures of an entry in order, and where their files are.
    private func pictures(of entry: String) throws -> ([SavedImage], (String) -> URL) {
        let job: JobDetails
        if let foreign = opened?.foreignJob(entry) {
            job = foreign
        } else {
            job = try store.details(of: try summary(entry))
        }
        return (job.images.sorted { $0.index < $1.index }, try pictureURL(of: entry))
    }

    private func pictureURL(of entry: String) throws -> (String) -> URL {
        if case .foreign(let session, let jobs)? = opened, jobs[entry] != nil {
            let data = folders.data
            return { SessionContents.pictureURL($0, session: session, data: data) }
        }
        let (store, session) = (store, try summary(entry).session)
        return { store.pictureURL($0, session: session) }
    }

    public func replayItem(_ entry: String) throws -> ReplayItem {
        let job =
            try opened?.foreignJob(entry) ?? store.details(of: try summary(entry))
        return ReplayItem(job: job, pictureURL: try pictureURL(of: entry))
    }

    func summary(_ id: String) throws -> JobSummary {
        guard opened?.foreignJob(id) == nil else { throw SessionIsForeign() }
        guard let job = ULID(id), let found = try index?.job(job) ?? store.index().job(job) else {
            throw MemoryJournal.MissingPicture()
        }
        return found
    }
}
