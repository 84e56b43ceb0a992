import ArgumentParser
import Generation
import History

struct ResumeHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Take up interrupted and remote jobs.",
        discussion: """
            Without identifiers all jobs whose process ended before they did, unless they were \
            taken up already. Each becomes a new job that knows the old one. A job that a service \
            took is not sent again: its result is fetched. One that a service may have begun \
            without naming it is run again only when its identifier is given, since that may cost \
            twice.
            """)

    @Argument(help: "Identifiers of jobs, unique parts of them, or last.")
    var ids: [String] = []

    @Option(
        name: .customLong("base-url"), parsing: .unconditional,
        help: ArgumentHelp("Another address for a remote backend.", valueName: "url"))
    var baseURL: String?

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
        var jobs = try ids.isEmpty ? index.untakenJobs : ids.map { try index.job(abbreviated: $0) }
        if ids.isEmpty { jobs = try withoutRisk(jobs, store, console) }
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

    /// Leaves out what would be sent to a service again without anybody having asked for it.
    private func withoutRisk(
        _ jobs: [JobSummary], _ store: JournalStore, _ console: Console
    ) throws -> [JobSummary] {
        try jobs.filter { job in
            let details = try store.details(of: job)
            let isHere = ["local", "fake"].contains(details.request.backend)
            guard !isHere, details.taskID == nil, details.status != .queued else { return true }
            console.note(
                "\(job.id) may have been done and billed at \(printable(job.backend)); "
                    + "`latent history resume \(job.id)` sends it again")
            return false
        }
    }

    /// The server that took the job. A session that came from elsewhere does not decide where a key
    /// of this machine is sent.
    private static func recordedAddress(of details: JobDetails, in job: JobSummary) -> String? {
        job.session.hasSuffix(JournalStore.importedSuffix) ? nil : details.baseURL
    }

    private func resume(
        _ job: JobSummary, _ store: JournalStore, _ context: CommandContext, _ console: Console
    ) async throws -> String {
        let details = try store.details(of: job)
        var recorded = RecordedJob(request: details.request, parent: job.id, origin: .retry)
        if !["local", "fake"].contains(details.request.backend) {
            recorded.baseURL = baseURL ?? Self.recordedAddress(of: details, in: job)
        }
        if let taskID = details.taskID {
            let generator = try context.backends.generator(
                named: details.request.backend, baseURL: recorded.baseURL)
            if try await generator.capabilities(for: details.request).canResume {
                recorded.options.remote.resumedTaskID = taskID
                console.note("Fetching task \(printable(taskID, limit: 60)) of \(job.backend)")
            }
        }
        let job = recorded
        return try await Interruption.cancelling(console: console) {
            defer { console.clearProgress() }
            return try await job.run(in: context, console: console).id
        }
    }
}
