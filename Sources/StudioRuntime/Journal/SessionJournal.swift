import Foundation
import Generation
import Hashing
import History
import Images
import Settings
import Studio

/// The journal on disk: one session file per run of the studio, pictures as PNG with metadata.
public actor SessionJournal: StudioJournal {
    private let store: JournalStore
    private let folders: Folders
    private let opened: OpenedSession?
    private let identify: @Sendable () -> EngineIdentity
    private lazy var engine = identify()
    private var session: SessionWriter?
    private var summaries: [String: JobSummary] = [:]
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
        let jobs = try store.index().jobs(query).page
        summaries = Dictionary(jobs.map { ($0.id.description, $0) }) { $1 }
        return jobs.map { HistoryEntry($0) }
    }

    public func entry(_ id: String) throws -> HistoryEntry {
        if let job = opened?.foreignJob(id) { return HistoryEntry(job) }
        let summary = try summary(id)
        return HistoryEntry(summary, try store.details(of: summary))
    }

    public func begin(_ request: GenerationRequest, parent: String?) throws -> String {
        let session = self.session ?? store.openSession(engine)
        self.session = session
        let job = try session.queue(
            QueuedJob(request: request, parent: parent.flatMap { ULID($0) }))
        running[job.description] = Run(job: job, request: request)
        return job.description
    }

    public func started(_ entry: String, _ request: GenerationRequest) throws {
        guard let run = running[entry] else { return }
        running[entry]?.request = request
        try session?.started(run.job, StartedJob(request: request))
    }

    public func add(_ picture: GeneratedImage, to entry: String) throws {
        guard let run = running[entry] else { return }
        let url = folders.images.appendingPathComponent("\(entry)-\(picture.index).png")
        let hash = picture.image.pixelsSHA256
        var record = PictureRecord(
            request: run.request, seed: picture.seed, pixelsSHA256: hash, job: entry)
        if ["local", "fake"].contains(run.request.backend) { record.engine = engine }
        let plain = try PNGCodec.encode(picture.image, level: 6)
        let bytes = try PictureMetadata.embed(
            record, in: Data(plain), width: picture.image.width, height: picture.image.height)
        try Folders.create(folders.images)
        try AtomicFile.write(Array(bytes), to: url.path, access: .owner)
        let saved = SavedImage(
            index: picture.index, path: store.recordedPath(of: url), seed: picture.seed,
            width: picture.image.width, height: picture.image.height, pixelsSHA256: hash,
            isFlagged: picture.isFlagged)
        running[entry]?.images.append(saved)
        try session?.saved(run.job, saved)
    }

    public func finish(_ entry: String, _ outcome: RunOutcome) throws -> HistoryEntry {
        guard let run = running.removeValue(forKey: entry), let session else {
            throw MemoryJournal.MissingPicture()
        }
        switch outcome.status {
        case .finished:
            let details = FinishedJob(
                images: run.images, summary: outcome.summary, warnings: outcome.warnings)
            try session.finished(run.job, details)
        case .failed: try session.failed(run.job, outcome.error ?? CancellationError())
        default: try session.cancelled(run.job)
        }
        guard let summary = try store.index().job(run.job) else {
            throw MemoryJournal.MissingPicture()
        }
        summaries[entry] = summary
        return HistoryEntry(summary, try store.details(of: summary))
    }

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
        if case .foreign(let url, let jobs)? = opened, let job = jobs[entry] {
            return try foreignPicture(index, of: job, in: url)
        }
        let summary = try summary(entry)
        let images = try store.details(of: summary).images.sorted { $0.index < $1.index }
        guard images.indices.contains(index) else { throw MemoryJournal.MissingPicture() }
        return try ImageFile.read(
            store.pictureURL(images[index].path, session: summary.session).path)
    }

    private func foreignPicture(_ index: Int, of job: JobDetails, in session: URL) throws
        -> PixelImage
    {
        let images = job.images.sorted { $0.index < $1.index }
        guard images.indices.contains(index) else { throw MemoryJournal.MissingPicture() }
        let url = SessionContents.pictureURL(
            images[index].path, session: session, data: folders.data)
        return try ImageFile.read(url.path)
    }

    private func summary(_ id: String) throws -> JobSummary {
        guard opened?.foreignJob(id) == nil else { throw SessionIsForeign() }
        if let known = summaries[id] { return known }
        guard let job = ULID(id), let found = try store.index().job(job) else {
            throw MemoryJournal.MissingPicture()
        }
        summaries[id] = found
        return found
    }
}
