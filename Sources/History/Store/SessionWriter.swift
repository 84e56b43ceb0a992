import Foundation
import Generation
import Glibc
import Hashing
import Synchronization

/// Writes jobs into one session file for one process.
///
/// The file is created with the first record, so a process that runs nothing leaves nothing. All
/// methods may be called from any thread; each returns when its record is in the file, and records
/// that must survive a power cut are on the disk by then (about a millisecond).
public final class SessionWriter: Sendable {
    /// Name of the session file.
    public var sessionName: String { url.lastPathComponent }
    /// The session file.
    public let url: URL
    /// This process's identifier in the session.
    public let writer = ULID()
    private let session: ULID
    private let engine: EngineIdentity
    private let locks: URL
    private let state = Mutex(State())

    private struct State {
        var file: SessionFile?
        var lock: WriterLock?
        var lastIdentifier: ULID?
        var tornBytes = 0
    }

    init(url: URL, session: ULID, engine: EngineIdentity, locks: URL) {
        self.url = url
        self.session = session
        self.engine = engine
        self.locks = locks
    }

    deinit {
        state.withLock { state in
            state.file?.close()
            state.lock?.release()
        }
    }

    /// Bytes of a torn last line that an append of this process found and set aside.
    public var repairedBytes: Int { state.withLock { $0.tornBytes } }

    // MARK: Jobs

    /// Records a job before any of its work starts; on the disk when the call returns.
    ///
    /// - Returns: the job's identifier.
    /// - Throws: ``JournalError``; nothing is left in the file then.
    public func queue(_ job: QueuedJob) throws -> ULID {
        var job = job
        job.writer = writer
        return try state.withLock { state in
            let id = Self.nextIdentifier(after: &state.lastIdentifier)
            try append(.queued(job), job: id, isDurable: true, &state)
            return id
        }
    }

    /// Records that a job runs.
    ///
    /// - Throws: ``JournalError``.
    public func started(_ job: ULID, _ details: StartedJob = StartedJob()) throws {
        try append(.started(details), job: job, isDurable: false)
    }

    /// Records what a remote service calls the job; on the disk when the call returns.
    ///
    /// - Throws: ``JournalError``.
    public func accepted(_ job: ULID, taskID: String) throws {
        try append(.accepted(AcceptedJob(taskID: taskID)), job: job, isDurable: true)
    }

    /// Records a picture that is safely on disk while others may follow.
    ///
    /// - Throws: ``JournalError``.
    public func saved(_ job: ULID, _ image: SavedImage) throws {
        try append(.image(image), job: job, isDurable: false)
    }

    /// Records that a job is done; on the disk when the call returns.
    ///
    /// - Throws: ``JournalError``.
    public func finished(_ job: ULID, _ details: FinishedJob) throws {
        try append(.finished(details), job: job, isDurable: true)
    }

    /// Records that a job ended with an error.
    ///
    /// - Throws: ``JournalError``.
    public func failed(_ job: ULID, _ error: any Error) throws {
        try append(.failed(FailedJob(error)), job: job, isDurable: true)
    }

    /// Records that a person stopped the job.
    ///
    /// - Throws: ``JournalError``.
    public func cancelled(_ job: ULID) throws {
        try append(.cancelled, job: job, isDurable: true)
    }

    /// Gives up the session: jobs that are not over count as interrupted from now on.
    public func close() {
        state.withLock { state in
            state.file?.close()
            state.lock?.release()
            state = State()
        }
    }

    // MARK: Appending

    private func append(_ content: RecordContent, job: ULID, isDurable: Bool) throws {
        try state.withLock { try append(content, job: job, isDurable: isDurable, &$0) }
    }

    private func append(
        _ content: RecordContent, job: ULID, isDurable: Bool, _ state: inout State
    ) throws {
        var lines: [UInt8] = []
        if state.lock == nil {
            try JournalStore.createFolders(sessions: url.deletingLastPathComponent(), locks: locks)
            state.lock = try WriterLock(writer: writer, in: locks)
        }
        let isFirst = state.file == nil
        if isFirst {
            let opened = SessionOpened(session: session, writer: writer, engine: engine)
            lines = try JournalRecord(job: nil, content: .opened(opened)).line()
        }
        lines += try JournalRecord(job: job, content: content).line()
        let file = try state.file ?? SessionFile(url: url)
        do {
            state.tornBytes += try Self.append(lines, isDurable: isDurable, to: file) { renewed in
                state.file = renewed
            }
            if state.file == nil { state.file = file }
        } catch {
            if isFirst { file.close() }
            throw error
        }
    }

    /// Appends under the lock; opens the file again when a repair has replaced it meanwhile.
    private static func append(
        _ lines: [UInt8], isDurable: Bool, to file: SessionFile, renew: (SessionFile) -> Void
    ) throws -> Int {
        var file = file
        while true {
            let torn: Int? = try file.locked {
                guard file.isCurrent else { return nil }
                return try file.append(lines, isDurable: isDurable).tornBytes
            }
            if let torn { return torn }
            let url = file.url
            file.close()
            file = try SessionFile(url: url)
            renew(file)
        }
    }

    /// A new identifier that is larger than the last one even within a millisecond.
    private static func nextIdentifier(after last: inout ULID?) -> ULID {
        var next = ULID()
        if let previous = last, next <= previous {
            let (low, isOver) = previous.low.addingReportingOverflow(1)
            next = ULID(high: isOver ? previous.high + 1 : previous.high, low: low)
        }
        last = next
        return next
    }
}
