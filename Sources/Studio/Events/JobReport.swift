import Generation

/// What the runtime tells about a job.
public enum JobReport: Hashable, Sendable {
    /// The request as it runs.
    case started(GenerationRequest)
    case stage(Stage)
    /// A cheap look at picture `index`.
    case preview(index: Int, ImageReference)
    /// Picture `index` is finished.
    case image(index: Int, ImageReference)
    /// A replay begins with an entry.
    case replaying(entry: String)
    /// A replay is done with an entry.
    case replayed(entry: String, EntryReplay)
    case warning(String)
    case finished(GenerationSummary)
    /// A sentence and a hint for people.
    case failed(String, hint: String?)
    case cancelled
}
