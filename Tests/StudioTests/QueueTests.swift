import Generation
import Screen
import Testing

@testable import Studio

@Suite("Jobs")
struct QueueTests {
    private static func job(_ id: Int, in state: AppState) -> Job? { state.queue.job(id) }

    @Test("Enter sends the request off with the random seed still to be drawn")
    func enter() throws {
        var studio = StudioDriver(prompt: "a fox")
        studio.press("Alt-2")
        studio.type("blurry")
        studio.effects = []
        studio.press("Enter")
        let effects = studio.takeEffects()
        guard case .start(let job, nil)? = effects.first, effects.count == 1 else {
            Issue.record("\(effects)")
            return
        }
        #expect(job.request.prompt == "a fox")
        #expect(job.request.negativePrompt == "blurry")
        #expect(job.request.seeds.isEmpty)
        #expect(job.randomSeeds == 1)
        #expect(studio.state.queue.running.count == 1)
    }

    @Test("one job of a backend runs, the next one follows when it ends")
    func order() {
        var studio = StudioDriver(prompt: "a fox", backends: ["one", "two"])
        studio.press("Enter", "Enter")
        #expect(studio.takeEffects().count == 1)
        _ = studio.state.set(.backend, to: "two")
        studio.press("Enter")
        #expect(studio.state.queue.running.map(\.id) == [1, 3])
        studio.effects = []
        studio.send(.job(1, .finished(GenerationSummary()), at: 5))
        guard case .start(let job, _)? = studio.takeEffects().first else {
            Issue.record("the second job did not start")
            return
        }
        #expect(job.id == 2)
    }

    @Test("a click picks the job under it, in a scrolled list too")
    func clicking() throws {
        var studio = StudioDriver(prompt: "a fox", width: 80, height: 24)
        for _ in 0..<12 { studio.press("Enter") }
        studio.press("Alt-6")
        for _ in 0..<11 { studio.press("Down") }
        #expect(studio.state.queueSelection == 11)
        let frame = try #require(StudioLayout(studio.state).panes[.queue])
        let first = QueueView.firstJob(studio.state, in: frame)
        #expect(first > 0)
        let place = Position(x: frame.x + 4, y: frame.y + 1 + QueueView.rowsPerJob)
        studio.send(.terminal(.mouse(MouseEvent(.press(.left), at: place))))
        #expect(studio.state.queueSelection == first + 1)
    }

    @Test("a failed job is told, and the queue goes on")
    func failure() {
        var studio = StudioDriver(prompt: "a fox")
        studio.press("Enter", "Enter")
        studio.send(.job(1, .failed("no memory", hint: "smaller"), at: 5))
        #expect(studio.state.status == StatusMessage(.problem, "no memory (smaller)"))
        #expect(studio.state.queue.running.map(\.id) == [2])
    }

    @Test("what is to be known about a picture stays when it is done")
    func warnings() {
        var studio = StudioDriver(prompt: "a fox")
        studio.press("Enter")
        studio.send(.job(1, .warning("the mask is resized"), at: 1))
        studio.send(.job(1, .warning("the picture is resized"), at: 1))
        studio.send(.job(1, .finished(GenerationSummary()), at: 5))
        #expect(
            studio.state.status
                == StatusMessage(.warning, "Done in 5.0 s; the mask is resized (and 1 more)"))
    }

    @Test("Ctrl-C stops the running job once; what was waiting starts when it has ended")
    func cancel() {
        var studio = StudioDriver(prompt: "a fox")
        studio.press("Enter", "Enter")
        studio.effects = []
        studio.press("Ctrl-C", "Ctrl-C")
        #expect(studio.takeEffects() == [.stop(1)])
        #expect(studio.state.queue.job(1)?.phase == .stopping)
        studio.send(.job(1, .cancelled, at: 1))
        #expect(studio.state.queue.running.map(\.id) == [2])
    }

    @Test("waiting jobs can be moved, removed and taken back into the editors")
    func editing() {
        var studio = StudioDriver(prompt: "one")
        studio.press("Enter")
        for text in ["two", "three", "four"] {
            studio.state.prompt.editor.setText(text)
            studio.press("Enter")
        }
        studio.press("Alt-6", "End", "Down", "Down", "Down", "K")
        #expect(studio.state.queue.jobs.map(\.request.prompt) == ["one", "two", "four", "three"])
        #expect(studio.state.selectedJob?.request.prompt == "four")
        studio.press("Up", "d")
        #expect(studio.state.queue.jobs.map(\.request.prompt) == ["one", "four", "three"])
        studio.press("e")
        #expect(studio.state.queue.jobs.map(\.request.prompt) == ["one", "three"])
        #expect(studio.state.prompt.editor.text == "four")
        #expect(studio.state.focus == .prompt)
    }

    @Test("a paused queue starts nothing until it goes on")
    func pause() {
        var studio = StudioDriver(prompt: "a fox")
        studio.press("Alt-p", "Enter")
        #expect(studio.takeEffects().isEmpty)
        studio.press("Alt-p")
        #expect(studio.takeEffects().count == 1)
    }

    @Test("an invalid request is explained and not sent")
    func invalid() {
        var studio = StudioDriver(prompt: "a fox")
        studio.describe("fake", fields: [.negativePrompt: .unsupported(reason: "has none")])
        studio.state.negative.editor.setText("blurry")
        studio.press("Enter")
        #expect(studio.takeEffects() == [])
        #expect(studio.state.status?.text == "Negative prompt blurry: has none")
    }

    @Test("seeds: locked to the last one, counted up, recalled")
    func seeds() {
        var studio = StudioDriver(prompt: "a fox")
        studio.press("Enter")
        var request = studio.state.request
        request.seeds = [99]
        studio.send(.job(1, .started(request), at: 0))
        studio.press("Alt-s")
        #expect(studio.state.request.seeds == [99])
        studio.press("Alt-i", "Enter")
        #expect(studio.state.queue.jobs.last?.request.seeds == [99])
        #expect(studio.state.parameters.seed == SeedSetting(mode: .increment, value: 100))
        studio.press("Alt-s")
        #expect(studio.state.request.seeds.isEmpty)
        studio.press("Alt-l")
        #expect(studio.state.request.seeds == [99])
    }

    @Test("time that is left follows the measured steps and the clock")
    func progress() throws {
        var progress = Progress(startedAt: 0)
        progress.report(.sampling(step: 0, count: 10, image: 0, imageCount: 2), at: 10)
        #expect(progress.remaining == nil)
        progress.report(.sampling(step: 4, count: 10, image: 0, imageCount: 2), at: 18)
        #expect(progress.secondsPerStep == 2)
        #expect(progress.remaining == 32)
        #expect(progress.fraction == 0.2)
        progress.now = 19
        #expect(progress.remaining == 31)
        progress.report(.sampling(step: 0, count: 10, image: 1, imageCount: 2), at: 30)
        #expect(progress.stepsDone == 10)
    }

    @Test("the time of the current settings follows size, steps, guidance and count")
    func estimate() {
        var speed = Speed()
        var request = GenerationRequest(prompt: "")
        request.width = 1000
        request.height = 1000
        request.steps = 10
        request.guidanceScale = 5
        request.seeds = [1]
        #expect(speed.estimate(request, count: 1) == nil)
        speed.learn(request, step: 2, seconds: 23)
        #expect(speed.estimate(request, count: 1) == 23)
        #expect(speed.estimate(request, count: 2) == 46)
        request.guidanceScale = 1
        #expect(speed.estimate(request, count: 1) == 13)
        request.width = 500
        #expect(speed.estimate(request, count: 1) == 6.5)
        request.model = "another"
        #expect(speed.estimate(request, count: 1) == nil)
    }

    @Test("the picture before stays until the next job has something to show")
    func held() {
        var studio = StudioDriver(prompt: "a")
        let image = { ImageReference(id: $0, width: 64, height: 64) }
        for id in 1...2 {
            studio.press("Enter")
            var request = studio.state.filledRequest
            request.seeds = [1]
            studio.send(.job(id, .started(request), at: 0))
            #expect(studio.screen.placements.map(\.imageID) == (id == 1 ? [] : ["final 1"]))
            studio.send(.job(id, .preview(index: 0, image("look \(id)")), at: 1))
            #expect(studio.screen.placements.map(\.imageID) == ["look \(id)"])
            studio.send(.job(id, .image(index: 0, image("final \(id)")), at: 2))
            if id == 1 { studio.send(.job(id, .finished(GenerationSummary()), at: 3)) }
        }
        // A run that ends without a picture shows none, not another's.
        studio.send(.job(2, .finished(GenerationSummary()), at: 3))
        studio.press("Enter")
        var request = studio.state.filledRequest
        request.seeds = [1]
        studio.send(.job(3, .started(request), at: 4))
        #expect(studio.screen.placements.map(\.imageID) == ["final 2"])
        studio.send(.job(3, .failed("no", hint: nil), at: 5))
        #expect(studio.screen.placements.isEmpty)
    }

    @Test("jobs whose prompts begin alike are told apart by their ends")
    func tails() {
        let long = String(repeating: "a lighthouse on a cliff, ", count: 5)
        var studio = StudioDriver(prompt: long + "gulls")
        studio.press("Alt-p", "Enter")
        studio.press("Alt-6")
        #expect(studio.screen.buffer.text.contains("· a lighthouse on a cliff"))
        studio.press("Alt-1")
        studio.type(" and a boat")
        studio.press("Enter", "Alt-6")
        let text = studio.screen.buffer.text
        #expect(text.contains("on a cliff, gulls "))
        #expect(text.contains("gulls and a boat"))
    }

    @Test("what only the first run with a model takes is not expected of the next")
    func firstRun() throws {
        var studio = StudioDriver(prompt: "a")
        studio.press("Enter")
        var request = studio.state.filledRequest
        request.seeds = [1]
        studio.send(.job(1, .started(request), at: 0))
        studio.send(.job(1, .stage(.encodingText), at: 0))
        studio.send(.job(1, .stage(.loading(fraction: 0)), at: 2))
        for step in 0...12 {
            // The first step prepares the weights.
            let time = step == 0 ? 5.0 : 7 + Double(step) * 0.5
            let stage = Stage.sampling(step: step, count: 12, image: 0, imageCount: 1)
            studio.send(.job(1, .stage(stage), at: time))
        }
        var summary = GenerationSummary()
        summary.timing.secondsPerStep = 8 / 12
        summary.timing.decode = 0.5
        studio.send(.job(1, .finished(summary), at: 14))
        #expect(studio.state.status?.text == "Done in 14 s")
        #expect(try #require(studio.state.estimatedSeconds) == 6.5)
    }

    @Test("waiting at a service is not expected again")
    func waiting() throws {
        var studio = StudioDriver(prompt: "a")
        studio.press("Enter")
        var request = studio.state.filledRequest
        request.seeds = [1]
        studio.send(.job(1, .started(request), at: 0))
        studio.send(.job(1, .stage(.queued(position: 3)), at: 1))
        studio.send(.job(1, .stage(.queued(position: 1)), at: 50))
        for step in 0...12 {
            let stage = Stage.sampling(step: step, count: 12, image: 0, imageCount: 1)
            studio.send(.job(1, .stage(stage), at: 101 + Double(step)))
        }
        studio.send(.job(1, .finished(GenerationSummary()), at: 114))
        #expect(try #require(studio.state.estimatedSeconds) == 14)
    }

    @Test("a waiting job is moved past one that runs on another backend")
    func movePastRunning() {
        var studio = StudioDriver(prompt: "a", backends: ["one", "two"])
        studio.press("Enter", "Enter")
        _ = studio.state.set(.backend, to: "two")
        studio.press("Enter")
        _ = studio.state.set(.backend, to: "one")
        studio.press("Enter")
        #expect(studio.state.queue.jobs.map(\.isWaiting) == [false, true, false, true])
        studio.press("Alt-6", "Down", "Down", "Down", "K")
        #expect(studio.state.queue.jobs.map(\.id) == [1, 4, 3, 2])
    }

    @Test("with two backends at work the preview stays with the job that it shows")
    func twoBackends() {
        var studio = StudioDriver(prompt: "a", backends: ["one", "two"])
        studio.press("Enter")
        _ = studio.state.set(.backend, to: "two")
        studio.press("Enter")
        var request = studio.state.request
        request.seeds = [1]
        studio.send(.job(1, .started(request), at: 1))
        studio.send(.job(2, .started(request), at: 2))
        #expect(studio.state.preview.source == .job(1))
        #expect(studio.screen.buffer.text.contains("1 more running"))
        studio.send(.job(1, .finished(GenerationSummary()), at: 3))
        studio.press("Enter")
        studio.send(.job(3, .started(request), at: 4))
        #expect(studio.state.preview.source != .job(2))
    }

    @Test("pictures without a seed are shown, and those beyond what was planned")
    func picturesWithoutSeeds() {
        var studio = StudioDriver(prompt: "a fox")
        studio.press("Enter")
        var request = studio.state.request
        request.seeds = []
        studio.send(.job(1, .started(request), at: 0))
        let images = ["one", "two", "three"].map { ImageReference(id: $0, width: 8, height: 8) }
        for (index, image) in images.enumerated() {
            studio.send(.job(1, .image(index: index, image), at: 1))
            #expect(studio.state.preview.current == image)
        }
        #expect(studio.state.preview.images == images)
        studio.send(.job(1, .image(index: .max, images[0]), at: 1))
        studio.send(.job(1, .image(index: -1, images[0]), at: 1))
        #expect(studio.state.preview.images == images)
    }

    @Test("the running job keeps its bar while it is selected")
    func selectedBar() {
        var studio = StudioDriver(prompt: "a fox", width: 140, height: 40)
        studio.press("Enter", "Alt-6")
        let stages: [Stage] = [0, 6].map { .sampling(step: $0, count: 12, image: 0, imageCount: 1) }
        for stage in stages { studio.send(.job(1, .stage(stage), at: 1)) }
        let queue = StudioLayout(studio.state).panes[.queue] ?? .zero
        let line = studio.screen.buffer.text.split(separator: "\n")[queue.y + 2]
        #expect(line.dropFirst(queue.x).prefix(queue.width).contains("███"))
        #expect(line.contains("step 6/12"))
    }
}
