import ArgumentParser
import Diffusion
import Foundation
import Generation
import Hashing
import History
import Settings

/// `latent generate`: one request, its pictures.
struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn a prompt into pictures.",
        discussion: """
            Every option is a field of the request that --json prints, the journal keeps and the \
            picture carries. {index} in a path counts from 0. Several pictures with one path get \
            their index into the name.
            """)

    @OptionGroup var arguments: GenerateArguments

    func run() async throws {
        let console = Console()
        let context = try CommandContext.current()
        var preparation = GeneratePreparation(arguments, context)
        let job = try await preparation.job()
        for warning in job.warnings { console.note("Warning: \(warning)") }
        if arguments.output.isDryRun {
            let plan = preparation.plan(id: JobRecorder.newID(), seeds: job.request.seeds)
            return try await reportPlan(job, plan, console)
        }
        let leavesTraces = !arguments.output.skipsHistory || !arguments.output.skipsMetadata
        let recorder = try recorder(
            job.request, files: leavesTraces ? context.files(of: job.request) : [], context)
        let plan = preparation.plan(id: recorder.id, seeds: job.request.seeds)
        let result = try await run(job, plan, recorder, context, console)
        tell(result, recorder, console)
        if arguments.output.printsJSON {
            console.printOut(
                try MachineOutput.line(GenerationReport(id: recorder.id, result: result)))
        }
        let complaints = result.misplaced + recorder.complaints
        guard complaints.isEmpty else { throw CommandFailure(.failed, lines: complaints) }
    }

    /// What a service left behind: credits, or a job to come back for.
    private func tell(_ result: GenerationResult, _ recorder: JobRecorder, _ console: Console) {
        guard !arguments.output.reportsProgressAsJSON else { return }
        if let credits = result.summary.remainingCredits {
            console.note("\(CreditText.text(credits)) credits left at \(result.request.backend)")
        }
        if arguments.running.leavesAfterSubmitting, result.pictures.isEmpty {
            console.note("Submitted; `latent history resume \(recorder.id)` fetches the result")
        }
    }

    /// Queues the job; without a journal there is still a way to a picture, and the hint names it.
    private func recorder(
        _ request: GenerationRequest, files: [FileIdentity], _ context: CommandContext
    ) throws -> JobRecorder {
        do {
            return try JobRecorder(
                request: request, files: files, isRecording: !arguments.output.skipsHistory,
                folders: context.folders, baseURL: arguments.model.backend.baseURL)
        } catch let error as JournalError {
            throw CommandFailure(
                .failed,
                lines: [
                    error.summary,
                    "Hint: free space or correct the folder; `--no-history --output PATH` works "
                        + "without the journal",
                ])
        }
    }

    private func run(
        _ job: GenerationJob, _ plan: OutputPlan, _ recorder: JobRecorder,
        _ context: CommandContext, _ console: Console
    ) async throws -> GenerationResult {
        let writer = PictureWriter(
            plan: plan, recordedRequest: arguments.output.skipsMetadata ? nil : job.request,
            job: recorder.isRecording ? recorder.id : nil, engine: recorder.engine,
            modelHashes: recorder.modelHashes,
            refuges: [context.folders.images, FileManager.default.temporaryDirectory])
        let isJSON = arguments.output.reportsProgressAsJSON
        let leaves = arguments.running.leavesAfterSubmitting
        if let note = plan.formatNote, !isJSON { console.note(note) }
        if plan.isNumbered, !isJSON {
            console.note("Several pictures share a path; their index goes into the names")
        }
        return try await Interruption.cancelling(console: console) {
            defer { console.clearProgress() }
            var run = GenerationRun(
                job: job, writer: writer, recorder: recorder,
                reporter: RunReporter(console: console, isJSON: isJSON))
            return try await run.run(leavesWhenAccepted: leaves)
        }
    }

    /// What the prompts became, and the draws by number.
    private func reportExpansion(_ request: GenerationRequest, _ console: Console) {
        guard let expansion = request.expansion else { return }
        console.note("Prompt: \(printable(expansion.prompt))")
        if let negative = expansion.negativePrompt {
            console.note("Negative prompt: \(printable(negative))")
        }
        for (index, draw) in (expansion.draws?.draws ?? []).enumerated() {
            let picks = draw.picks.map { String($0 + 1) }.joined(separator: ", ")
            console.note(
                "Draw \(index + 1): \(printable(draw.source, limit: 60)) took \(picks) of "
                    + "\(draw.options)")
        }
    }

    /// What would happen, for `--dry-run`.
    private func reportPlan(
        _ job: GenerationJob, _ plan: OutputPlan, _ console: Console
    ) async throws {
        let engine = job.generator as? DiffusionEngine
        let rehearsal = try await engine?.rehearse(job.request, options: job.options)
        let memory = rehearsal?.peakBytes
        let warnings = (rehearsal?.warnings ?? []).map { printable($0) }
        for warning in warnings { console.note("Warning: \(warning)") }
        if arguments.output.printsJSON {
            return console.printOut(
                try MachineOutput.line(
                    GenerationReport(planned: job, plan: plan, memory: memory, warnings: warnings)))
        }
        let request = job.request
        let size = "\(request.width ?? 0)x\(request.height ?? 0)"
        let pictures = request.seeds.count == 1 ? "1 picture" : "\(request.seeds.count) pictures"
        console.note(
            "\(pictures) of \(size) in \(request.steps ?? 0) steps on \(request.backend)")
        reportExpansion(request, console)
        if let memory { console.note("Needs about \(ByteCount.text(memory)) of memory") }
        for (path, seed) in zip(plan.paths, request.seeds) {
            console.note("\(printable(path))  seed \(seed)")
        }
    }
}
