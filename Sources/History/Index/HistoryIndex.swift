import Foundation
import Generation
import Glibc

/// All jobs of all sessions at one moment, in a form that is fast to filter and search.
public struct HistoryIndex: Sendable {
    private(set) var segments: [SessionSegment]
    /// Session files that could not be read at all.
    public let unreadableSessions: [String]

    init(segments: [SessionSegment], unreadableSessions: [String]) {
        self.segments = segments
        self.unreadableSessions = unreadableSessions
    }

    /// A session file in the index.
    public struct Session: Codable, Hashable, Sendable {
        /// Name of the file.
        public var name: String
        public var jobCount: Int
        /// When its first and last job were queued; nil without jobs.
        public var firstJobAt: Date?
        public var lastJobAt: Date?
        /// Lines that are no records; `latent history check` names them.
        public var damagedLines: Int
        /// Records of a newer program.
        public var unknownRecords: Int
    }

    /// Jobs in all, removed ones included.
    public var count: Int { segments.reduce(0) { $0 + $1.rows.count } }

    /// The sessions, newest first.
    public var sessions: [Session] {
        segments.reversed().map { segment in
            let times = segment.rows.map(\.queuedAt)
            func date(_ milliseconds: Int64?) -> Date? {
                milliseconds.map { Date(timeIntervalSince1970: Double($0) / 1000) }
            }
            return Session(
                name: segment.session, jobCount: segment.rows.count, firstJobAt: date(times.min()),
                lastJobAt: date(times.max()), damagedLines: Int(segment.damagedLines),
                unknownRecords: Int(segment.unknownRecords))
        }
    }

    /// Where a row is.
    struct Place {
        var time: Int64
        var segment: Int32
        var row: Int32
        var score: Int32 = 0
    }

    /// The jobs that match, newest first (best match first when fuzzy), and how many there are.
    public func jobs(_ query: HistoryQuery) -> (page: [JobSummary], total: Int) {
        let (page, total) = page(query)
        return (page.map { summary(at: $0) }, total)
    }

    /// What is made of the jobs that match, in the same order; their summaries are not in memory all
    /// at once.
    public func map<Value>(
        _ query: HistoryQuery, _ transform: (JobSummary) throws -> Value
    ) rethrows -> [Value] {
        try page(query).places.map { try transform(summary(at: $0)) }
    }

    private func page(_ query: HistoryQuery) -> (places: ArraySlice<Place>, total: Int) {
        var places = self.places(query)
        let isRanked = query.isFuzzy && query.text != nil
        places.sort { left, right in
            if isRanked, left.score != right.score { return left.score > right.score }
            if left.time != right.time { return left.time > right.time }
            return (left.segment, left.row) > (right.segment, right.row)
        }
        let rest = places.dropFirst(max(0, query.offset))
        return (query.limit > 0 ? rest.prefix(query.limit) : rest, places.count)
    }

    private func summary(at place: Place) -> JobSummary {
        let segment = segments[Int(place.segment)]
        return segment.summary(segment.rows[Int(place.row)])
    }

    private func places(_ query: HistoryQuery) -> [Place] {
        let filter = RowFilter(query)
        var places: [Place] = []
        for (segmentIndex, segment) in segments.enumerated() {
            if let name = query.session, !segment.session.hasPrefix(name) { continue }
            segment.bytes.withUnsafeBufferPointer { bytes in
                for (rowIndex, row) in segment.rows.enumerated() {
                    guard let score = filter.score(row, segment, bytes) else { continue }
                    places.append(
                        Place(
                            time: row.queuedAt, segment: Int32(segmentIndex), row: Int32(rowIndex),
                            score: Int32(clamping: score)))
                }
            }
        }
        return places
    }

    /// Every job of one session, removed ones included.
    public func jobs(ofSession name: String) -> [JobSummary] {
        guard let segment = segments.first(where: { $0.session == name }) else { return [] }
        return segment.rows.map { segment.summary($0) }
    }

    /// Reads one session file on: it may have grown, been written anew, come or gone.
    mutating func refresh(_ name: String, with loader: IndexLoader) -> SessionChange {
        let known = segments.firstIndex { $0.session == name }
        guard name.hasSuffix(".jsonl") else { return SessionChange() }
        let place = known ?? segments.firstIndex { $0.session > name } ?? segments.count
        if known == nil { segments.insert(SessionSegment(session: name), at: place) }
        do {
            switch try loader.readOn(&segments[place]) {
            case .nothing: return SessionChange()
            case .grown(let rows):
                let segment = segments[place]
                return SessionChange(
                    changed: rows.sorted().map { segment.summary(segment.rows[$0]) })
            case .anew(let before): return segments[place].changes(since: before)
            }
        } catch {
            // It is gone, or cannot be read any more.
            return SessionChange(gone: segments.remove(at: place).rows.map(\.id))
        }
    }

    // MARK: One job

    /// The job with this identifier.
    public func job(_ id: ULID) -> JobSummary? { row(id).map { $0.segment.summary($0.row) } }

    /// The jobs among `ids` that are here, found in one pass.
    public func jobs(_ ids: Set<ULID>) -> [ULID: JobSummary] {
        var found: [ULID: JobSummary] = [:]
        for segment in segments {
            for row in segment.rows where ids.contains(row.id) {
                found[row.id] = segment.summary(row)
            }
        }
        return found
    }

    func row(_ id: ULID) -> (segment: SessionSegment, row: JobRow)? {
        for segment in segments.reversed() {
            if let row = segment.rows.last(where: { $0.idLow == id.low && $0.idHigh == id.high }) {
                return (segment, row)
            }
        }
        return nil
    }

    /// The job that an identifier stands for; its beginning or its end is enough when no other job
    /// shares it (at least four characters). `last` is the newest job.
    ///
    /// - Throws: ``JournalError/noSuchJob(_:)``, ``JournalError/ambiguousJob(_:candidates:)``.
    public func job(abbreviated text: String) throws -> JobSummary {
        if let id = ULID(text) {
            guard let job = job(id) else { throw JournalError.noSuchJob(text) }
            return job
        }
        if text == "last" {
            var query = HistoryQuery()
            query.limit = 1
            guard let newest = jobs(query).page.first else { throw JournalError.noSuchJob(text) }
            return newest
        }
        let wanted = text.uppercased()
        guard wanted.count >= 4, wanted.count < 26 else { throw JournalError.noSuchJob(text) }
        var found: [ULID] = []
        for segment in segments {
            for row in segment.rows {
                let id = row.id.description
                if id.hasSuffix(wanted) || id.hasPrefix(wanted) { found.append(row.id) }
            }
        }
        guard let first = found.first, let job = job(first) else {
            throw JournalError.noSuchJob(text)
        }
        guard found.count == 1 else {
            throw JournalError.ambiguousJob(text, candidates: found.suffix(8).map(\.description))
        }
        return job
    }

    /// Every job's identifier with that of the job it was tweaked from: what ``Lineage`` takes.
    public var lineage: Lineage {
        Lineage(
            segments.flatMap { segment in segment.rows.map { ($0.id, $0.parent) } })
    }

    /// All tags with the number of jobs that have them, most used first.
    public var tagCounts: [(tag: String, count: Int)] {
        var counts: [String: Int] = [:]
        for segment in segments {
            for row in segment.rows where !row.has(.removed) {
                for tag in segment.tags(row) { counts[tag, default: 0] += 1 }
            }
        }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { (tag: $0.key, count: $0.value) }
    }
}
