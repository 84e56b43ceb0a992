import Foundation
import Generation
import Images

/// Runs a job: events in, pictures on disk, progress and journal entries out.
struct GenerationRun {
    let job: GenerationJob
    let writer: PictureWriter
    let recorder: JobRecorder
    private var reporter: RunReporter
    private var result: GenerationResult
    private var generated: [GeneratedImage] = []

    init(job: GenerationJob, writer: PictureWriter, recorder: JobRecorder, reporter: RunReporter) {
        self.job = job
        self.writer = writer
        self.recorder = recorder
        self.reporter = reporter
        result = GenerationResult(request: job.request, warnings: job.warnings)
    }

    /// Runs to the end.
    ///
    /// - Parameter leavesWhenAccepted: whether a remote task that was accepted is left to itself.
    /// - Throws: the backend's error, or `CancellationError`; the journal says so then, and pictures
    ///   that were finished stay.
    mutating func run(leavesWhenAccepted: Bool) async throws -> GenerationResult {
        do {
            for try await event in job.generator.generate(job.request, options: job.options) {
                try handle(event)
                if leavesWhenAccepted, result.acceptedTaskID != nil { return result }
            }
            // A stream that is cancelled from outside ends without an error.
            try Task.checkCancellation()
            recorder.finished(result)
            return result
        } catch is CancellationError {
            recorder.cancelled()
            await job.generator.settle()
            throw CancellationError()
        } catch {
            recorder.failed(error)
            throw error
        }
    }

    private mutating func handle(_ event: GenerationEvent) throws {
        switch event {
        case .started(let request):
            result.request = request
            recorder.started(request)
        case .stage(let stage):
            reporter.report(stage)
        case .preview:
            break
        case .image(let image):
            try save(image)
        case .warning(let text):
            result.warnings.append(printable(text))
            reporter.warn(text)
        case .accepted(let taskID):
            result.acceptedTaskID = taskID
            recorder.accepted(taskID: taskID)
        case .finished(let summary):
            try finish(summary)
        }
    }

    private mutating func save(_ image: GeneratedImage) throws {
        let outcome = try writer.write(image)
        generated.append(image)
        result.pictures.append(outcome.picture)
        recorder.saved(outcome.picture)
        reporter.saved(outcome.picture)
        if let failure = outcome.failure {
            result.misplaced.append(
                "\(failure.summary); the picture is kept as \(printable(outcome.picture.path))")
        }
    }

    /// Pictures are on disk already. Where the backend reports other hashes than were known before
    /// the work, the texts inside are written again.
    private mutating func finish(_ summary: GenerationSummary) throws {
        result.summary = summary
        if summary.timing.total == 0 { result.summary.timing.total = reporter.seconds }
        var writer = writer
        writer.modelHashes.merge(summary.modelHashes) { _, reported in reported }
        guard writer.modelHashes != self.writer.modelHashes, writer.recordedRequest != nil else {
            return
        }
        for (image, picture) in zip(generated, result.pictures)
        where picture.path == writer.plan.path(index: image.index, seed: image.seed) {
            // The picture itself is safe; without this second writing only hashes are missing.
            _ = try? writer.write(image)
        }
    }
}
