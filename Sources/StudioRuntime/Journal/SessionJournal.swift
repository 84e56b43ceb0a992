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
    var summaries: [String: JobSummary] = [:]
    /// The index as it was read last; what others write later is read on top of it.
    var index: HistoryIndex?
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

    public func recoverInterrupted() throws -> Int { try store.recoverInterrupted().count }

    public func entries() throws -> [HistoryEntry] {
        if case .foreign(_, let jobs)? = opened {
            return jobs.values.sorted { $0.id > $1.id }.map { HistoryEntry($0) }
        }
        var query = HistoryQuery()
        if case .own(let name)? = opened { query.session = name }
        query.limit = 0
        let index = try store.index()
        self.index = index
        let jobs = index.jobs(query).page
        summaries = Dictionary(jobs.map { ($0.id.description, $0) }) { $1 }
        return jobs.map { HistoryEntry($0) }
    }

    public func entry(_ id: String) throws -> HistoryEntry {
        if let job = opened?.foreignJob(id) { return HistoryEntry(job) }
        let summary = try summary(id)
        return HistoryEntry(summary, try store.details(of: summary))
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
            summaries[summary.id.description] = summary
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
    private func add(partial: PreviewImage, to entry: String, _ run: Run) throws {
        guard !run.images.contains(where: { $0.index == partial.index }) else { return }
        let seeds = run.request.seeds
        let url = try write(
            try PNGCodec.encode(partial.image, level: 6), as: "\(entry)-\(partial.index)-stopped")
        try session?.saved(
            run.job,
            SavedImage(
                index: partial.index, path: store.recordedPath(of: url),
                seed: seeds.indices.contains(partial.index) ? seeds[partial.index] : nil,
                width: partial.image.width, height: partial.image.height,
                pixelsSHA256: partial.image.pixelsSHA256, isPartial: true))
    }

    private func write(_ bytes: [UInt8], as name: String) throws -> URL {
        let url = folders.images.appendingPathComponent("\(name).png")
        try Folders.create(folders.images)
        try AtomicFile.write(bytes, to: url.path, access: .owner)
        return url
    }

    public func finish(_ entry: String, _ outcome: RunOutcome) throws -> HistoryEntry {
        guard let run = running.removeValue(forKey: entry), let session else {
            throw MemoryJournal.MissingPicture()
        }
        switch outcome.status {
        case .finished:
            let details = FinishedJob(
                images: run.images, summary: outcome.summary, warnings: outcome.warnings,
                remote: outcome.summary?.remainingCredits.map { ["remainingCredits": "\($0)"] })
            try session.finished(run.job, details)
        case .failed: try session.failed(run.job, outcome.error ?? CancellationError())
        default:
            if let partial = outcome.partial { try add(partial: partial, to: entry, run) }
            try session.cancelled(run.job)
        }
        guard let summary = try summary(of: run.job, in: session.sessionName) else {
            throw MemoryJournal.MissingPicture()
        }
        summaries[entry] = summary
        return HistoryEntry(summary, try store.details(of: summary))
    }

    /// A job of a session that was just written to.
    private func summary(of job: ULID, in session: String) throws -> JobSummary? {
        let refreshed = store.refreshed(try self.index ?? store.index(), sessions: [session])
        index = refreshed
        return refreshed.job(job)
    }

    /// Whether a job is one that this program runs at the moment.
    func isRunningHere(_ id: String) -> Bool { running[id] != nil }

    public func annotate(_ entry: HistoryEntry) throws {
        var old = try summary(entry.id)
        if old.isStarred != entry.isStarred { try store.annotate(old, .starred(entry.isStarred)) }
        if (old.note ?? "") != entry.note { try store.annotate(old, .noted(entry.note)) }
        let change = TagChange(
            added: entry.tags.filter { !old.tags.contains($0) },
            removed: old.tags.filter { !entry.tags.contains($0) })
        if !change.added.isEmpty || !change.removed.isEmpty {
            try store.annotate(old, .tagged(change))
        }
        old.isStarred = entry.isStarred
        old.note = entry.note.isEmpty ? nil : entry.note
        old.tags = entry.tags
        summaries[entry.id] = old
    }

    public func delete(_ entry: String) throws {
        try store.annotate(try summary(entry), .removed)
    }

    public func undelete(_ entry: HistoryEntry) throws {
        try store.annotate(try summary(entry.id), .restored)
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
        if let known = summaries[id] { return known }
        guard let job = ULID(id), let found = try store.index().job(job) else {
            throw MemoryJournal.MissingPicture()
        }
        summaries[id] = found
        return found
    }
}
