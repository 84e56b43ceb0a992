import Foundation
import Generation
import History
import Settings

/// A request that is run for the journal: pictures go to the data folder, the entry says from which
/// job it came.
struct RecordedJob: Sendable {
    let request: GenerationRequest
    let parent: ULID?
    let origin: QueuedJob.Origin
    var options = ExecutionOptions()
    /// Another address for a remote backend.
    var baseURL: String?

    /// Runs it.
    ///
    /// - Returns: the new job's identifier and what it gave.
    /// - Throws: the backend's error, or `CancellationError`; the journal says so then.
    func run(
        in context: CommandContext, console: Console
    ) async throws -> (id: String, result: GenerationResult) {
        try await run(
            on: try context.backends.generator(named: request.backend, baseURL: baseURL),
            in: context, console: console)
    }

    /// Runs it on a backend that is at hand.
    ///
    /// - Returns: the new job's identifier and what it gave.
    /// - Throws: as ``run(in:console:)``.
    func run(
        on generator: any ImageGenerator, in context: CommandContext, console: Console
    ) async throws -> (id: String, result: GenerationResult) {
        let recorder = try JobRecorder(
            request: request, files: context.files(of: request), isRecording: true,
            folders: context.folders, parent: parent, origin: origin, baseURL: baseURL)
        // Where that fails, the pictures find a refuge.
        try? Folders.create(context.folders.images)
        var reader = ArgumentReader()
        let plan = OutputPlan(
            path: nil, format: nil, folder: context.folders.images, id: recorder.id,
            seeds: request.seeds, reader: &reader)
        let writer = PictureWriter(
            plan: plan, recordedRequest: request, job: recorder.id, engine: recorder.engine,
            modelHashes: recorder.modelHashes,
            refuges: [FileManager.default.temporaryDirectory])
        var run = GenerationRun(
            job: GenerationJob(request: request, generator: generator, options: options),
            writer: writer, recorder: recorder,
            reporter: RunReporter(console: console, isJSON: false))
        let result = try await run.run(leavesWhenAccepted: false)
        for complaint in result.misplaced + recorder.complaints { console.complain(complaint) }
        return (recorder.id, result)
    }
}
