import Foundation
import Generation
import Hashing
import Settings

/// The journal: a folder of session files, and the cache that makes them fast to list.
///
/// Session files are JSON Lines (see ``JournalRecord``), append-only, readable by their owner only.
/// Everything else can be thrown away: the index is rebuilt, locks belong to living processes.
public struct JournalStore: Sendable {
    /// The folder of session files.
    public let sessions: URL
    /// The folder that relative picture paths start from.
    public let data: URL
    private let cache: URL

    /// The journal in the given folders.
    public init(folders: Folders) {
        sessions = folders.sessions
        data = folders.data
        cache = folders.cache
    }

    /// How the files of sessions end that were taken in from elsewhere.
    public static let importedSuffix = "-imported.jsonl"

    private var locks: URL { Self.locks(in: sessions) }

    private static func locks(in sessions: URL) -> URL {
        sessions.appendingPathComponent(".locks")
    }

    static func createFolders(sessions: URL, locks: URL) throws {
        do {
            try Folders.create(sessions)
            try Folders.create(locks)
        } catch {
            throw SessionFile.systemError(sessions, "create")
        }
    }

    // MARK: Writing

    /// Starts a session of its own, for a studio.
    public func openSession(_ engine: EngineIdentity) -> SessionWriter {
        let session = ULID()
        let day = RecordTime.text(of: session.time).prefix(10)
        return writer(file: "\(day)-\(session).jsonl", session: session, engine)
    }

    /// Joins the session of the day, for single commands: a hundred `latent generate` give one file.
    public func joinDailySession(_ engine: EngineIdentity) -> SessionWriter {
        let session = ULID()
        let day = RecordTime.text(of: session.time).prefix(10)
        return writer(file: "\(day)-commands.jsonl", session: session, engine)
    }

    private func writer(
        file: String, session: ULID, _ engine: EngineIdentity
    ) -> SessionWriter {
        SessionWriter(
            url: sessions.appendingPathComponent(file), session: session, engine: engine,
            locks: locks)
    }

    /// Adds a record about an existing job (a star, a tag, ...) to its session file.
    ///
    /// - Throws: ``JournalError``.
    public func annotate(_ job: JobSummary, _ content: RecordContent) throws {
        try content.checkWords()
        let line = try JournalRecord(job: job.id, content: content).line()
        let url = sessions.appendingPathComponent(job.session)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw JournalError.noSuchJob(job.id.description)
        }
        try append(line, to: url)
    }

    func append(_ lines: [UInt8], to url: URL) throws {
        while true {
            let file = try SessionFile(url: url)
            defer { file.close() }
            let isDone = try file.locked {
                guard file.isCurrent else { return false }
                _ = try file.append(lines, isDurable: true)
                return true
            }
            if isDone { return }
        }
    }

    /// Marks jobs whose process is gone as interrupted; call it when a program starts.
    ///
    /// - Returns: those jobs, to be offered again.
    /// - Throws: ``JournalError``.
    public func recoverInterrupted() throws -> [JobSummary] {
        try recoverInterrupted(in: try index())
    }

    /// The same for an index that was just read; it does not change.
    ///
    /// - Throws: ``JournalError``.
    public func recoverInterrupted(in index: HistoryIndex) throws -> [JobSummary] {
        var interrupted: [JobSummary] = []
        for segment in index.segments {
            for row in segment.rows where JobStatus(code: row.status)?.isOver == false {
                if let writer = row.writer, WriterLock.isAlive(writer, in: locks) { continue }
                var summary = segment.summary(row)
                try annotate(summary, .interrupted)
                summary.status = .interrupted
                interrupted.append(summary)
            }
        }
        WriterLock.removeStale(in: locks)
        return interrupted
    }

    // MARK: Reading

    var loader: IndexLoader { IndexLoader(sessions: sessions, cache: cache) }

    /// The index of all sessions, brought up to date.
    ///
    /// - Parameter last: the index as it was read before; nil: as it lies on the disk.
    /// - Throws: ``JournalError`` when the folder of sessions cannot be read.
    public func index(after last: HistoryIndex? = nil) throws -> HistoryIndex {
        let (segments, unreadable) = try loader.load(known: last?.segments ?? [])
        return HistoryIndex(segments: segments, unreadableSessions: unreadable)
    }

    /// Reads some session files of an index again: what other processes wrote since. What is known
    /// of them already is not copied when nobody else has a copy of the index.
    ///
    /// - Parameter names: names of session files that may have grown, come or gone.
    /// - Returns: what was found in each of them where anything was.
    public func refresh(
        _ index: inout HistoryIndex, sessions names: Set<String>
    ) -> [String: SessionChange] {
        var changes: [String: SessionChange] = [:]
        for name in names {
            let change = index.refresh(name, with: loader)
            if !change.isEmpty { changes[name] = change }
        }
        return changes
    }

    /// Throws the index away; the next ``index()`` reads every session.
    public func dropIndex() {
        try? FileManager.default.removeItem(at: cache.appendingPathComponent("history"))
    }

    /// Everything that is recorded about a job.
    ///
    /// - Throws: ``JournalError`` when the session cannot be read or the job is of a newer program.
    public func details(of job: JobSummary) throws -> JobDetails {
        let url = sessions.appendingPathComponent(job.session)
        let contents = try SessionContents.read(url, only: job.id)
        guard let details = contents.jobs.first else {
            throw JournalError.unreadableJob(job.id.description)
        }
        return details
    }

    /// Everything that is recorded about several jobs, in the order given; each session file is read
    /// once. Jobs of newer programs are left out.
    ///
    /// - Throws: ``JournalError`` when a session cannot be read.
    public func details(of jobs: [JobSummary]) throws -> [JobDetails] {
        var found: [ULID: JobDetails] = [:]
        for (session, members) in Dictionary(grouping: jobs, by: \.session) {
            let wanted = Set(members.map(\.id))
            let contents = try SessionContents.read(sessions.appendingPathComponent(session))
            for job in contents.jobs where wanted.contains(job.id) { found[job.id] = job }
        }
        return jobs.compactMap { found[$0.id] }
    }

    /// Where a recorded picture is: an absolute path as it is; a relative one beside the session
    /// file (exports), else in the data folder.
    public func pictureURL(_ path: String, session: String) -> URL {
        SessionContents.pictureURL(
            path, session: sessions.appendingPathComponent(session), data: data)
    }

    /// How a picture is recorded: relative when it lies in the data folder, so that the folder can
    /// move.
    public func recordedPath(of picture: URL) -> String {
        let path = picture.standardizedFileURL.path
        let prefix = data.standardizedFileURL.path + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }
}
