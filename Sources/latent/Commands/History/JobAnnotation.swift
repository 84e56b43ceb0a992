import Generation
import History

/// Adds records to jobs that a person names.
struct JobAnnotation {
    let store: JournalStore
    private let index: HistoryIndex

    /// Opens the journal.
    ///
    /// - Throws: a ``UserFacingError`` when it cannot be read.
    init(_ context: CommandContext) throws {
        store = JournalStore(folders: context.folders)
        index = try store.index()
    }

    /// The jobs that people name.
    ///
    /// - Throws: a ``UserFacingError`` that names the job.
    func jobs(_ names: [String]) throws -> [JobSummary] {
        try names.map { try index.job(abbreviated: $0) }
    }

    /// Adds `content` to every job; all names are looked up before anything is written.
    ///
    /// - Returns: the jobs as they are then.
    /// - Throws: a ``UserFacingError`` that names the job.
    func add(_ content: RecordContent, to names: [String]) throws -> [JobSummary] {
        let jobs = try jobs(names)
        for job in jobs { try store.annotate(job, content) }
        let changed = try store.index().jobs(Set(jobs.map(\.id)))
        return jobs.compactMap { changed[$0.id] }
    }
}
