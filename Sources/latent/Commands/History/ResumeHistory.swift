import ArgumentParser
import Generation
import History

struct ResumeHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Run interrupted jobs again.",
        discussion: """
            Without identifiers all jobs whose process ended before they did, unless they were \
            taken up already. Each becomes a new job that knows the old one.
            """)

    @Argument(help: "Identifiers of jobs, unique parts of them, or last.")
    var ids: [String] = []

    @Flag(name: .customLong("list"), help: "Only show what would be taken up.")
    var onlyLists = false

    @Flag(name: .customLong("json"), help: "One JSON object on stdout when done.")
    var printsJSON = false

    /// What `--json` prints.
    private struct Report: Encodable {
        struct Job: Encodable {
            var id: String
            var resumed: String?
        }
        var jobs: [Job]
    }

    func run() async throws {
        let console = Console()
        let context = try CommandContext.current()
        let store = JournalStore(folders: context.folders)
        _ = try store.recoverInterrupted()
        let index = try store.index()
        let jobs = try ids.isEmpty ? pending(index) : ids.map { try index.job(abbreviated: $0) }
        var report = Report(jobs: jobs.map { Report.Job(id: $0.id.description) })
        if !onlyLists {
            for (position, job) in jobs.enumerated() {
                report.jobs[position].resumed = try await resume(job, store, context, console)
            }
        }
        if printsJSON { return console.printOut(try MachineOutput.line(report)) }
        if onlyLists {
            for job in jobs { console.printOut("\(job.id)  \(printable(job.prompt, limit: 60))") }
        }
        if jobs.isEmpty { console.note("No job was interrupted") }
    }

    /// Interrupted jobs that nobody took up, oldest first.
    private func pending(_ index: HistoryIndex) -> [JobSummary] {
        var query = HistoryQuery()
        query.status = .interrupted
        query.limit = 0
        let lineage = index.lineage
        return index.jobs(query).page.reversed().filter { lineage.children(of: $0.id).isEmpty }
    }

    private func resume(
        _ job: JobSummary, _ store: JournalStore, _ context: CommandContext, _ console: Console
    ) async throws -> String {
        let details = try store.details(of: job)
        if let taskID = details.taskID {
            console.note(
                "\(job.id) was task \(printable(taskID, limit: 60)) of \(job.backend); "
                    + "it is submitted again")
        }
        let recorded = RecordedJob(request: details.request, parent: job.id, origin: .retry)
        return try await Interruption.cancelling(console: console) {
            defer { console.clearProgress() }
            return try await recorded.run(in: context, console: console).id
        }
    }
}
