import Foundation
import Generation

extension JournalStore {
    /// Erases a job: its records, what the index holds of it, and its pictures when they lie in the data folder.
    ///
    /// - Returns: how many pictures were deleted.
    /// - Throws: ``JournalError``.
    public func purge(_ job: JobSummary) throws -> Int {
        let details = try? details(of: job)
        let url = sessions.appendingPathComponent(job.session)
        _ = try SessionRewriter.rewrite(url) { line in
            RecordScanner(line.bytes)?.job != job.id
        }
        loader.forget(job.session)
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
        var last: (time: Int64, job: JobSummary)?
        for (session, members) in Dictionary(grouping: removed, by: \.session) {
            let jobs = Dictionary(members.map { ($0.id, $0) }) { first, _ in first }
            try LineReader.forEachLine(of: sessions.appendingPathComponent(session)) { line in
                guard let head = RecordScanner(line.bytes), head.isKind("removed"),
                    let job = head.job.flatMap({ jobs[$0] }),
                    head.milliseconds >= last?.time ?? .min
                else { return }
                last = (head.milliseconds, job)
            }
        }
        return last?.job
    }
}
