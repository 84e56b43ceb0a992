import Generation
import Screen

extension AppState {
    /// Queues the current request, or explains what is wrong with it.
    mutating func generate() -> [Effect] {
        commitParameter()
        guard parameters.problem == nil else { return [] }
        let request = self.request
        if let capabilities = backend?.capabilities {
            let problems = request.problems(for: capabilities)
            if let problem = problems.first {
                let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
                status = StatusMessage(.problem, problem.labelled + more)
                return []
            }
        }
        if case .failed(let problem)? = backend?.knowledge {
            status = StatusMessage(.problem, problem)
            return [.describeBackend(request)]
        }
        let takesSeeds = backend?.capabilities?.support(for: .seeds).isSupported ?? true
        let isRandom = parameters.seed.mode == .random && takesSeeds
        queue.append(
            request, randomSeeds: isRandom ? max(1, parameters.count) : 0, parent: parent)
        if parameters.seed.mode == .increment {
            parameters.seed.value &+= UInt64(max(1, parameters.count))
        }
        return startOrTell()
    }

    /// Starts what can be started after a job was queued, or says that it waits.
    mutating func startOrTell() -> [Effect] {
        let effects = startJobs()
        if effects.isEmpty {
            let text =
                queue.isPaused
                ? "Queued; the queue is paused" : "Queued behind \(queue.jobs.count - 1)"
            status = StatusMessage(.information, text)
        }
        return effects
    }

    /// Starts what can be started.
    mutating func startJobs() -> [Effect] {
        queue.startable(at: now, places: places).map { .start($0, parent: $0.parent) }
    }

    mutating func cancelRunning() -> [Effect] {
        let job =
            queue.running.first {
                preview.source == .job($0.id)
            } ?? queue.running.first
        guard let job, queue.cancel(job.id) else { return [] }
        status = StatusMessage(.information, "Stopping")
        return [.stop(job.id)]
    }

    /// Actions on the queue; nil when the action is none of these.
    mutating func performOnQueue(_ action: ActionID) -> [Effect]? {
        switch action {
        case .queueUp: queueSelection -= 1
        case .queueDown: queueSelection += 1
        case .moveJobUp: moveJob(earlier: true)
        case .moveJobDown: moveJob(earlier: false)
        case .removeJob:
            guard let job = selectedJob else { return [] }
            guard queue.cancel(job.id) else {
                if job.isWaiting { dropReplays(of: job) }
                return []
            }
            return [.stop(job.id)]
        case .editJob: editJob()
        case .togglePause:
            queue.setPaused(!queue.isPaused)
            let text = queue.isPaused ? "The queue is paused" : "The queue goes on"
            status = StatusMessage(.information, text)
            return startJobs()
        default: return nil
        }
        return []
    }

    private mutating func moveJob(earlier: Bool) {
        guard let job = selectedJob else { return }
        queue.move(job.id, earlier: earlier)
        queueSelection = queue.jobs.firstIndex { $0.id == job.id } ?? queueSelection
    }

    /// Takes a waiting job out of the queue and into the editors.
    private mutating func editJob() {
        guard let job = selectedJob, job.isWaiting, !job.isReplay else { return }
        queue.remove(job.id)
        edit(.prompt) { $0.setText(job.request.prompt) }
        edit(.negative) { $0.setText(job.request.negativePrompt ?? "") }
        if !job.request.seeds.isEmpty { parameters.seed = SeedSetting(exactly: job.request.seeds) }
        parameters.count = job.imageCount
        var request = job.request
        request.prompt = ""
        request.negativePrompt = nil
        request.seeds = []
        parameters.request = request
        parent = job.parent
        setFocus(.prompt)
    }

    /// Takes note of what a job reports.
    mutating func handle(_ report: JobReport, of id: Job.ID, at time: Double) -> [Effect] {
        now = max(now, time)
        guard let job = queue.job(id) else { return [] }
        if let cell = job.cell { learn(report, ofCell: cell) }
        switch report {
        case .started(let request):
            queue.resolve(id, request)
            lastSeeds = request.seeds
            // A service that takes no seed makes a picture all the same.
            if mayShow(id) { preview.open(.job(id), count: max(1, request.seeds.count)) }
        case .stage(let stage): queue.update(id) { $0.report(stage, at: time) }
        case .preview(let index, let image): show(image, of: job, at: index, isFinal: false)
        case .image(let index, let image): show(image, of: job, at: index, isFinal: true)
        case .replaying(let entry):
            queue.beginReplay(id, at: time)
            learn(EntryReplay(.running), of: entry, in: id)
        case .replayed(let entry, let replay): learn(replay, of: entry, in: id)
        case .warning(let text):
            status = StatusMessage(.warning, text)
            queue.update(id) { $0.warnings.append(text) }
        case .finished(let summary): return finish(job, summary, at: time)
        case .failed(let text, let hint):
            status = StatusMessage(.problem, hint.map { "\(text) (\($0))" } ?? text)
            return ended(job)
        case .cancelled:
            dropReplays(of: job)
            status = StatusMessage(
                .information,
                job.isReplay
                    ? "Stopped; what was compared stays"
                    : "Stopped; the part that was done is in the history")
            return ended(job)
        }
        return []
    }

    /// Whether a job that starts may take the preview: not from a picture that somebody looks at in
    /// the history, nor from another job that runs, nor from a comparison.
    private func mayShow(_ id: Job.ID) -> Bool {
        if queue.job(id)?.cell != nil { return false }
        if preview.source == .nothing { return true }
        if preview.source == .sheet, sheet?.isBusy == true { return false }
        if case .job(let other) = preview.source, other != id, queue.job(other) != nil {
            return false
        }
        return focus != .history && preview.comparison.view == .off
    }

    private mutating func show(_ image: ImageReference, of job: Job, at index: Int, isFinal: Bool) {
        guard preview.source == .job(job.id), preview.makeRoom(for: index) else { return }
        // The picture under way follows the work until one is picked by hand.
        if preview.images[index] == nil, preview.images[..<index].allSatisfy({ $0 != nil }),
            preview.selection == index - 1
        {
            preview.selection = index
        }
        preview.images[index] = image
        preview.isFinal = isFinal
    }

    private mutating func finish(_ job: Job, _ summary: GenerationSummary, at time: Double)
        -> [Effect]
    {
        if let left = summary.remainingCredits { credits[job.request.backend] = left }
        if job.isReplay {
            status = outcome(ofReplay: job)
        } else if case .running(let progress) = job.phase {
            learnSpeed(of: job, progress, summary.timing, at: time)
            status = Self.message(
                done(job, in: time - progress.startedAt), progress.warnings)
        }
        return ended(job)
    }

    /// That a run is done, with what has to be known about its picture.
    private static func message(_ done: String, _ warnings: [String]) -> StatusMessage {
        guard let first = warnings.first else { return StatusMessage(.success, done) }
        let more = warnings.count > 1 ? " (and \(warnings.count - 1) more)" : ""
        return StatusMessage(.warning, "\(done); \(first)\(more)")
    }

    /// Learns what the next run takes: of one that had to read its model first, the steps but the
    /// first, and decoding.
    private mutating func learnSpeed(
        of job: Job, _ progress: Progress, _ timing: GenerationSummary.Timing, at time: Double
    ) {
        let measured = timing.secondsPerStep > 0 ? timing.secondsPerStep : progress.secondsPerStep
        let steady = progress.hasLoaded ? progress.steadySecondsPerStep ?? measured : measured
        guard let step = steady else { return }
        var seconds = time - progress.startedAt - progress.preparation
        if progress.hasLoaded, timing.decode > 0 {
            seconds = step * Double(progress.stepsTotal) + timing.decode
        }
        speed.learn(job.request, step: step, seconds: seconds)
    }

    private func done(_ job: Job, in seconds: Double) -> String {
        guard job.cell != nil, let sheet else { return "Done in \(Duration.text(seconds))" }
        return "\(sheet.doneCount) of \(sheet.cells.count) cells are done"
    }

    private mutating func ended(_ job: Job) -> [Effect] {
        queue.remove(job.id)
        return startJobs()
    }
}
