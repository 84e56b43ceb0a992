import Foundation
import Generation

extension JournalStore {
    /// Erases a job: its records, and its pictures when they lie in the data folder.
    ///
    /// - Returns: how many pictures were deleted.
    /// - Throws: ``JournalError``.
    public func purge(_ job: JobSummary) throws -> Int {
        let details = try? details(of: job)
        let url = sessions.appendingPathComponent(job.session)
        _ = try SessionRewriter.rewrite(url) { line in
            RecordScanner(line.bytes)?.job != job.id
        }
        let folder = data.appendingPathComponent("images").resolvingSymlinksInPath().path + "/"
        var count = 0
        for image in details?.images ?? [] {
            let picture = pictureURL(image.path, session: job.session).resolvingSymlinksInPath()
            // Pictures elsewhere belong to the person, and a path may be a trick.
            guard picture.path.hasPrefix(folder) else { continue }
            if (try? FileManager.default.removeItem(at: picture)) != nil { count += 1 }
        }
        return count
    }

    /// The job that was removed last, for undoing.
    ///
    /// - Throws: ``JournalError``.
    public func lastRemoved() throws -> JobSummary? {
        var query = HistoryQuery()
        query.showsRemoved = true
        query.limit = 0
        let removed = try index().jobs(query).page
        let times = try removed.map { job -> (JobSummary, Date) in
            let url = sessions.appendingPathComponent(job.session)
            return (job, try SessionContents.lastTime(of: "removed", job: job.id, in: url))
        }
        return times.max { $0.1 < $1.1 }?.0
    }
}

extension SessionContents {
    /// When the last record of a kind about a job was written.
    static func lastTime(of kind: StaticString, job: ULID, in url: URL) throws -> Date {
        var time: Int64 = 0
        try LineReader.forEachLine(of: url) { line in
            guard let head = RecordScanner(line.bytes), head.job == job, head.isKind(kind) else {
                return
            }
            time = max(time, head.milliseconds)
        }
        return Date(timeIntervalSince1970: Double(time) / 1000)
    }
}
