import CTerminal
import Generation
import History
import Studio

extension EffectRunner {
    /// Runs a job: journal first, then the backend, then the journal again.
    func start(_ job: Job, parent: String?) {
        keep(
            Task {
                if job.isReplay {
                    await replay(job)
                } else {
                    await run(job, parent: parent)
                }
                forget(job.id)
                // What a run needed for a moment is not kept for the next one: studios run for days.
                lt_trim_memory()
            }, for: job.id)
    }

    func report(_ job: Job, _ report: JobReport) {
        inbox.post(.job(job.id, report, at: dependencies.now()))
    }

    private func run(_ job: Job, parent: String?) async {
        var request = job.request
        if job.randomSeeds > 0 {
            let first = dependencies.drawSeed()
            request.seeds = (0..<UInt64(job.randomSeeds)).map { first &+ $0 }
        }
        var entry: String?
        var outcome = RunOutcome(request: request, status: .finished)
        outcome.warnings = job.notes
        do {
            guard let generator = generator(for: request, at: job.server) else {
                throw UnknownBackend(name: request.backend)
            }
            request = try await dependencies.library.expanded(
                request.withAbsolutePaths(in: dependencies.workingFolder))
            outcome.request = request
            let begun = try await dependencies.journal.begin(
                request, parent: parent, origin: job.origin, server: job.server)
            entry = begun
            if let task = job.resumes {
                try await dependencies.journal.accepted(begun, taskID: task)
                leaveAtEnd(job.id)
            }
            try await follow(job, generator, request, entry ?? "", &outcome)
        } catch is CancellationError {
            outcome.status = .cancelled
        } catch {
            outcome.status = .failed
            outcome.problem = Self.sentence("", error)
            outcome.error = error
        }
        await conclude(job, entry, outcome)
        if outcome.status == .cancelled {
            await generator(for: request, at: job.server)?.settle()
        }
    }

    /// Hands on what the backend reports and keeps its pictures.
    private func follow(
        _ job: Job, _ generator: any ImageGenerator, _ request: GenerationRequest, _ entry: String,
        _ outcome: inout RunOutcome
    ) async throws {
        var options = ExecutionOptions(wantsPreviews: true)
        options.givesWay = true
        options.remote.resumedTaskID = job.resumes
        var previews: [Int: String] = [:]
        for try await event in generator.generate(request, options: options) {
            switch event {
            case .started(let resolved):
                outcome.request = resolved
                report(job, .started(resolved))
                try await dependencies.journal.started(entry, resolved)
            case .stage(let stage): report(job, .stage(stage))
            case .preview(let preview):
                let id = ImageStore.previewID(preview.index, of: job.id, step: preview.step)
                if let old = previews.updateValue(id, forKey: preview.index) { images.remove(old) }
                outcome.partial = preview
                report(job, .preview(index: preview.index, images.store(preview.image, as: id)))
            case .image(let picture):
                outcome.partial = nil
                let reference = images.store(picture.image, as: "job \(job.id) \(picture.index)")
                report(job, .image(index: picture.index, reference))
                try await dependencies.journal.add(picture, to: entry)
            case .warning(let text):
                outcome.warnings.append(text)
                report(job, .warning(text))
            case .accepted(let taskID):
                try await dependencies.journal.accepted(entry, taskID: taskID)
                leaveAtEnd(job.id)
            case .finished(let summary): outcome.summary = summary
            }
        }
        try Task.checkCancellation()
    }

    private func conclude(_ job: Job, _ entry: String?, _ outcome: RunOutcome) async {
        if let entry {
            do {
                let kept = try await dependencies.journal.finish(entry, outcome)
                inbox.post(.entry(kept, of: job.id))
            } catch {
                inbox.post(
                    .message(
                        StatusMessage(
                            .problem, Self.sentence("the journal could not be written", error))))
            }
        }
        switch outcome.status {
        case .finished: report(job, .finished(outcome.summary ?? GenerationSummary()))
        case .cancelled: report(job, .cancelled)
        default: report(job, .failed(outcome.problem ?? "the run failed", hint: nil))
        }
    }
}

extension Job {
    /// Why the job exists, as the journal says it.
    fileprivate var origin: QueuedJob.Origin? {
        if resumes != nil { return .retry }
        return cell == nil ? nil : .sweep
    }
}

/// A job asks for a backend that is not there.
struct UnknownBackend: UserFacingError {
    let name: String

    var summary: String { "the backend \"\(printable(name, limit: 60))\" is not configured" }
    var hint: String? { "choose another one with F10" }
}
