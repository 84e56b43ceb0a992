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

    /// Adds `content` to every job; all names are looked up before anything is written.
    ///
    /// - Throws: a ``UserFacingError`` that names the job.
    func add(_ content: RecordContent, to names: [String]) throws {
        let jobs = try names.map { try index.job(abbreviated: $0) }
        for job in jobs { try store.annotate(job, content) }
    }
}
