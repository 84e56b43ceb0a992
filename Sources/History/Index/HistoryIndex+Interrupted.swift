extension HistoryIndex {
    /// Interrupted jobs that nobody has taken up, oldest first.
    public var untakenJobs: [JobSummary] {
        var query = HistoryQuery()
        query.status = .interrupted
        query.limit = 0
        let interrupted = jobs(query).page
        guard !interrupted.isEmpty else { return [] }
        let lineage = lineage
        return interrupted.reversed().filter { lineage.children(of: $0.id).isEmpty }
    }
}
