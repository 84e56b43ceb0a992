import Foundation
import Generation
import Hashing

/// All that one session file holds, fully decoded: for showing, replaying, exporting and checking.
public struct SessionContents: Sendable {
    /// A line that is no record.
    public struct DamagedLine: Codable, Hashable, Sendable {
        /// Number in the file, from 1.
        public var line: Int
        /// Offset in the file.
        public var offset: Int
        public var byteCount: Int
        /// What is wrong with it, safe for a terminal.
        public var reason: String
    }

    /// The jobs, in the order in which they were queued.
    public private(set) var jobs: [JobDetails] = []
    /// The processes that wrote to the session.
    public private(set) var writers: [SessionOpened] = []
    /// Lines that are no records.
    public private(set) var damaged: [DamagedLine] = []
    /// Records of newer programs: kind and version, as often as they occur.
    public private(set) var unknown: [String: Int] = [:]
    /// Whether the last line is not complete: it is being written, or was torn.
    public private(set) var hasTornTail = false
    private var indexOfJob: [ULID: Int] = [:]

    /// Reads a session file; damage is recorded, not thrown.
    ///
    /// - Parameter only: a job to which the decoding is limited; nil reads all.
    /// - Throws: ``JournalError`` when the file cannot be opened or read.
    public static func read(_ url: URL, only job: ULID? = nil) throws -> SessionContents {
        var contents = SessionContents()
        try LineReader.forEachLine(of: url) { contents.add($0, only: job) }
        return contents
    }

    /// Reads a session file that a person named.
    ///
    /// - Throws: ``JournalError/notASession(file:reason:)`` when no line of it is a record.
    public static func readSession(at url: URL) throws -> SessionContents {
        let contents = try read(url)
        let isEmpty = contents.jobs.isEmpty && contents.writers.isEmpty && contents.unknown.isEmpty
        guard !isEmpty else {
            let reason = contents.damaged.isEmpty ? "it is empty" : "no line of it is a record"
            throw JournalError.notASession(file: url.path, reason: reason)
        }
        return contents
    }

    private mutating func add(_ line: LineReader.Line, only job: ULID?) {
        guard !line.isBlank else { return }
        guard !line.isTooLong else {
            damage(line, "longer than \(LineReader.maximumLineBytes >> 20) MiB")
            return
        }
        guard let head = RecordScanner(line.bytes) else {
            if line.isTerminated {
                damage(line, "not a record")
            } else {
                hasTornTail = true
            }
            return
        }
        if let job, let other = head.job, other != job { return }
        do {
            apply(try JournalRecord(line: Data(buffer: line.bytes)))
        } catch {
            damage(line, "a \(Self.kind(head)) record with wrong content")
        }
    }

    private static func kind(_ head: RecordScanner) -> String {
        printable(String(decoding: head.bytes.slice(head.kind), as: UTF8.self), limit: 20)
    }

    private mutating func damage(_ line: LineReader.Line, _ reason: String) {
        damaged.append(
            DamagedLine(
                line: line.number, offset: line.offset, byteCount: line.byteCount, reason: reason))
    }

    private mutating func apply(_ record: JournalRecord) {
        switch (record.content, record.job) {
        case (.opened(let opened), _): writers.append(opened)
        case (.unknown(let kind, _), _):
            unknown[printable(kind, limit: 40), default: 0] += 1
        case (.queued(let queued), let job?):
            guard indexOfJob[job] == nil else { return }
            indexOfJob[job] = jobs.count
            let engine = writers.last { $0.writer == queued.writer }?.engine
            jobs.append(JobDetails(id: job, time: record.time, queued: queued, engine: engine))
        case (_, let job?):
            if let index = indexOfJob[job] { jobs[index].apply(record) }
        case (_, nil): break
        }
    }

    /// Where a picture of the session is; see ``JournalStore/pictureURL(_:session:)``.
    ///
    /// - Parameters:
    ///   - session: the session file; its folder is looked into first.
    ///   - data: the journal's data folder; nil where there is none.
    public static func pictureURL(_ path: String, session: URL, data: URL?) -> URL {
        if path.hasPrefix("/") { return URL(fileURLWithPath: path) }
        let beside = session.deletingLastPathComponent().appendingPathComponent(path)
        if data == nil || FileManager.default.fileExists(atPath: beside.path) { return beside }
        return data?.appendingPathComponent(path) ?? beside
    }
}
