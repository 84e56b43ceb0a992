import Foundation
import Generation
import Screen
import Testing

@testable import Studio

@Suite("Sweeps and comparisons")
struct SheetTests {
    /// A sweep of two by two cells over the current request, as the runtime makes it.
    private static func sweep(_ studio: StudioDriver) -> Sheet {
        var cells: [Sheet.Cell] = []
        for cfg in [2.0, 6] {
            for steps in [8, 16] {
                var request = studio.state.request
                request.steps = steps
                request.guidanceScale = cfg
                var cell = Sheet.Cell(label: "steps=\(steps) cfg=\(Int(cfg))", request: request)
                cell.openSeeds = 1
                cells.append(cell)
            }
        }
        return Sheet(
            .sweep, columns: ["steps 8", "steps 16"], rows: ["cfg 2", "cfg 6"], cells: cells)
    }

    private static func begun(_ width: Int = 120, _ height: Int = 40) -> StudioDriver {
        var studio = StudioDriver(prompt: "a castle", width: width, height: height)
        studio.press("Alt-x")
        studio.type("steps=8,16; cfg=2,6")
        studio.press("Enter")
        studio.effects = []
        studio.send(.sheet(sweep(studio), seed: 41))
        return studio
    }

    /// The running job reports a picture and its entry, as a run that finishes does.
    private static func finish(_ studio: inout StudioDriver, _ id: Int, at time: Double) {
        guard let job = studio.state.queue.job(id) else { return }
        let image = ImageReference(id: "job \(id) 0", width: 256, height: 256)
        studio.send(.job(id, .started(job.request), at: time))
        studio.send(.job(id, .image(index: 0, image), at: time))
        var entry = StudioDriver.entry("e\(id)", job.request.prompt, date: time)
        entry.request = job.request
        studio.send(.entry(entry, of: id))
        studio.send(.job(id, .finished(GenerationSummary()), at: time))
    }

    @Test("the line of axes is read as it is typed, and stays while something is wrong with it")
    func input() {
        var studio = StudioDriver(prompt: "a castle")
        studio.press("Alt-x")
        #expect(studio.screen.buffer.text.contains("replace=castle,windmill"))
        studio.type("steps=8,x")
        let last = studio.takeEffects().last
        #expect(last == .planSweep("steps=8,x", studio.state.request, begins: false))
        studio.send(.sweepPlanned(SweepOutline(text: "steps=8,", count: 7)))
        #expect(!studio.screen.buffer.text.contains("7 pictures"))
        studio.press("Enter")
        #expect(
            studio.takeEffects() == [.planSweep("steps=8,x", studio.state.request, begins: true)])
        studio.send(.sweepPlanned(SweepOutline(text: "steps=8,x", problem: "steps cannot be x")))
        #expect(studio.screen.buffer.text.contains("steps cannot be x"))
        studio.press("Backspace")
        #expect(!studio.screen.buffer.text.contains("steps cannot be x"))
        studio.press("Esc", "Alt-x")
        #expect(studio.screen.buffer.text.contains("steps=8,"))
    }

    @Test("a grid that does not fit says where it goes on")
    func marks() {
        var studio = StudioDriver(prompt: "a castle", width: 80, height: 24)
        let names = (1...9).map(String.init)
        let cells = (0..<81).map { Sheet.Cell(label: "\($0)", request: studio.state.request) }
        studio.send(
            .sheet(Sheet(.sweep, columns: names, rows: names, pages: [], cells: cells), seed: 1))
        #expect(studio.screen.buffer.text.contains("▼"))
        #expect(studio.screen.buffer.text(row: 1).contains("▸"))
        #expect(!studio.screen.buffer.text(row: 1).contains("◂"))
        for _ in 0..<8 { studio.press("Right", "Down") }
        #expect(studio.screen.buffer.text.contains("▲"))
        #expect(studio.screen.buffer.text(row: 1).contains("◂"))
    }

    @Test("the time of a sweep is that of its own cells")
    func time() {
        var studio = StudioDriver(prompt: "a castle")
        studio.state.speed.learn(studio.state.filledRequest, step: 1, seconds: 14)
        studio.press("Alt-x")
        studio.type("steps=3,6")
        let requests = [3, 6].map { steps in
            var request = studio.state.request
            request.steps = steps
            return request
        }
        studio.send(
            .sweepPlanned(SweepOutline(text: "steps=3,6", count: 2, requests: requests)))
        #expect(studio.screen.buffer.text.contains("2 pictures, about 13 s"))
    }

    @Test("each cell is a job with the seed of all, and its picture goes to its place")
    func cells() {
        var studio = Self.begun()
        #expect(studio.state.layers.isEmpty)
        #expect(studio.state.queue.jobs.map(\.request.seeds) == [[41], [41], [41], [41]])
        #expect(studio.state.queue.jobs.map(\.request.steps) == [8, 16, 8, 16])
        #expect(studio.state.queue.running.map(\.id) == [1])
        #expect(studio.takeEffects().contains(.saveSheet))
        Self.finish(&studio, 1, at: 3)
        #expect(studio.takeEffects().contains(.loadCell(0, entry: "e1", side: 1024)))
        #expect(studio.state.sheet?.doneCount == 1)
        #expect(studio.state.queue.running.map(\.id) == [2])
        #expect(studio.screen.placements.map(\.imageID) == ["job 1 0"])
        studio.send(
            .cellPicture(0, entry: "e1", ImageReference(id: "small", width: 64, height: 64)))
        #expect(studio.screen.placements.map(\.imageID) == ["small"])
        #expect(studio.state.preview.source == .sheet)
    }

    @Test("arrows select a cell; Enter takes its fields, its seed and its text")
    func adopt() {
        var studio = Self.begun()
        studio.state.prompt.editor.setText("something else")
        studio.press("Right", "Down", "Down")
        #expect(studio.state.sheet?.selection == 3)
        studio.press("Enter")
        #expect(studio.state.prompt.editor.text == "a castle")
        #expect(studio.state.parameters.request.steps == 16)
        #expect(studio.state.parameters.request.guidanceScale == 6)
        #expect(studio.state.request.seeds == [41])
        #expect(studio.state.focus == .prompt)
        #expect(studio.state.queue.jobs.count == 4)
    }

    @Test("a failed cell says why, the others go on, and missing ones can be run again")
    func failure() {
        var studio = Self.begun()
        studio.send(.job(1, .failed("no memory", hint: nil), at: 1))
        #expect(studio.state.sheet?.cells[0].problem == "no memory")
        #expect(studio.screen.buffer.text.contains("no memory"))
        Self.finish(&studio, 2, at: 3)
        studio.effects = []
        studio.press("X")
        #expect(studio.takeEffects().contains(.stop(3)))
        studio.send(.job(3, .cancelled, at: 4))
        #expect(studio.state.queue.jobs.isEmpty)
        #expect(studio.screen.buffer.text.contains("stopped"))
        studio.press("R")
        #expect(studio.state.queue.jobs.map(\.request.steps) == [8, 8, 16])
        #expect(studio.state.queue.jobs.compactMap(\.cell) == [0, 2, 3])
        #expect(studio.state.sheet?.cells[0].problem == nil)
    }

    @Test("a grid is looked at cell by cell and shown again")
    func look() {
        var studio = Self.begun()
        Self.finish(&studio, 1, at: 3)
        studio.press("Space")
        #expect(studio.state.preview.source == .entry("e1"))
        studio.press("Alt-g")
        #expect(studio.state.preview.source == .sheet)
        studio.press("Alt-5", "Down", "Alt-g")
        #expect(studio.state.preview.source == .sheet)
        #expect(studio.state.focus == .preview)
    }

    @Test("what is kept of a grid brings its missing cells back into a paused queue")
    func restored() throws {
        var studio = Self.begun()
        Self.finish(&studio, 1, at: 3)
        studio.press("Right")
        #expect(studio.state.draft.waiting.isEmpty)
        let data = try JSONEncoder().encode(studio.state.sheet)
        let kept = try JSONDecoder().decode(Sheet.self, from: data)
        var next = StudioDriver()
        next.state.restore(kept)
        #expect(next.state.queue.isPaused)
        #expect(next.state.queue.jobs.compactMap(\.cell) == [1, 2, 3])
        #expect(next.state.queue.jobs.map(\.request.seeds) == [[41], [41], [41]])
        #expect(next.state.wantedCells == [.loadCell(0, entry: "e1", side: 1024)])
        next.press("Alt-p")
        #expect(next.state.queue.running.compactMap(\.cell) == [1])
        #expect(next.state.sheet?.selected?.label == "steps=16 cfg=2")
    }

    @Test("a third axis is turned page by page, and large axes are shown in stretches")
    func pages() {
        var studio = StudioDriver(prompt: "a castle", width: 80, height: 24)
        let cells = (0..<60).map { Sheet.Cell(label: "c\($0)", request: studio.state.request) }
        studio.send(
            .sheet(
                Sheet(
                    .sweep, columns: (0..<10).map { "x\($0)" }, rows: ["a", "b"],
                    pages: ["p", "q", "r"], cells: cells), seed: 1))
        #expect(studio.screen.buffer.text.contains("x0"))
        #expect(!studio.screen.buffer.text.contains("x9"))
        for _ in 0..<12 { studio.press("Right") }
        #expect(studio.state.sheet?.selection == 9)
        #expect(studio.screen.buffer.text.contains("x9"))
        studio.press("n")
        #expect(studio.state.sheet?.selection == 29)
        #expect(studio.screen.buffer.text.contains("page 2 of 3"))
        studio.press("N", "N")
        #expect(studio.state.sheet?.selectedPage == 2)
    }

    @Test("screens of a sweep", arguments: [(80, 24), (140, 45)])
    func screens(width: Int, height: Int) {
        var studio = Self.begun(width, height)
        Self.finish(&studio, 1, at: 3)
        studio.send(.job(2, .failed("the service is busy", hint: nil), at: 4))
        studio.press("Right")
        expectSnapshot(studio.screen, "sweep-\(width)x\(height)")
        studio.press("X")
        studio.send(.job(3, .cancelled, at: 5))
        studio.press("Alt-x")
        studio.send(.sweepPlanned(SweepOutline(text: "steps=8,16; cfg=2,6", count: 4)))
        expectSnapshot(studio.screen, "sweep-axes-\(width)x\(height)")
    }

    // MARK: Backends

    private static func several(_ width: Int = 120, _ height: Int = 40) -> StudioDriver {
        var studio = StudioDriver(
            prompt: "a castle", backends: ["one", "two", "three"], width: width, height: height)
        studio.describe(
            "two",
            fields: [
                .guidanceScale: .unsupported(reason: "has none"),
                .seeds: .unsupported(reason: "draws its own"),
                .steps: .integers(minimum: 20, maximum: 100, step: 1),
            ])
        studio.describe("three", fields: [.width: .choices([])])
        studio.state.parameters.request.guidanceScale = 4
        studio.state.parameters.request.steps = 12
        return studio
    }

    @Test("one request goes to several backends; what one cannot honour is named and left out")
    func backends() throws {
        var studio = Self.several()
        studio.press("Alt-m")
        #expect(studio.screen.buffer.text.contains("[x] one"))
        #expect(studio.screen.buffer.text.contains("leaves out steps, cfg"))
        studio.press("Down", "Space", "Enter")
        guard case .drawSeed(let sheet)? = studio.takeEffects().first else {
            Issue.record("no grid was made")
            return
        }
        studio.send(.sheet(sheet, seed: 9))
        #expect(studio.state.queue.running.map(\.request.backend) == ["one", "two"])
        let second = try #require(studio.state.queue.jobs.last)
        #expect(second.request.steps == nil)
        #expect(second.request.guidanceScale == nil)
        #expect(second.request.seeds.isEmpty)
        #expect(second.notes.contains("--cfg 4.0: has none"))
        #expect(studio.state.queue.jobs.first?.request.seeds == [9])
        #expect(studio.screen.buffer.text.contains("Backends side by side"))
        studio.press("Right")
        #expect(studio.screen.buffer.text.contains("left out: --steps 12"))
        studio.press("Alt-m")
        #expect(studio.state.status?.text.contains("still being filled") == true)
    }

    @Test("a backend that cannot work is not chosen, and says why")
    func brokenBackend() {
        var studio = Self.several()
        studio.send(.backend("one", .failed("no model was found")))
        studio.press("Alt-m")
        #expect(!studio.screen.buffer.text.contains("[x]"))
        #expect(studio.screen.buffer.text.contains("no model was found"))
        studio.press("Space", "Down", "Space")
        #expect(studio.screen.buffer.text.contains("[x] two"))
        studio.send(.backend("two", .failed("no key")))
        #expect(!studio.screen.buffer.text.contains("[x]"))
    }

    @Test("screens of a comparison", arguments: [(80, 24), (140, 45)])
    func backendScreens(width: Int, height: Int) {
        var studio = Self.several(width, height)
        studio.press("Alt-m", "Down", "Space")
        expectSnapshot(studio.screen, "backends-\(width)x\(height)")
        studio.press("Enter")
        guard case .drawSeed(let sheet)? = studio.takeEffects().first else { return }
        studio.send(.sheet(sheet, seed: 9))
        Self.finish(&studio, 1, at: 4)
        expectSnapshot(studio.screen, "side-by-side-\(width)x\(height)")
    }

    @Test("a backend runs as many jobs side by side as it is said to")
    func parallel() {
        var studio = StudioDriver(prompt: "a castle", backends: ["one", "two"])
        studio.state.backends[0].parallelJobs = 2
        studio.press("Enter", "Enter", "Enter")
        #expect(studio.state.queue.running.map(\.id) == [1, 2])
        studio.send(.job(1, .finished(GenerationSummary()), at: 5))
        #expect(studio.state.queue.running.map(\.id) == [2, 3])
    }

    @Test("a backend that is chosen keeps the values that it cannot honour, and says so")
    func switching() {
        var studio = Self.several()
        _ = studio.state.update(.tick(at: 1))
        studio.press("F10", "Down", "Enter")
        #expect(studio.state.parameters.request.backend == "two")
        let effects = studio.takeEffects()
        #expect(effects.contains { if case .describeBackend = $0 { true } else { false } })
        studio.describe("two", fields: [.guidanceScale: .unsupported(reason: "has none")])
        #expect(studio.state.status?.text == "two cannot take Guidance 4.0: has none; it is kept")
        #expect(studio.state.parameters.request.guidanceScale == 4)
        #expect(studio.state.prompt.editor.text == "a castle")
    }

    @Test("what is left to spend stands in the status line of the backend that said it")
    func credits() {
        var studio = StudioDriver(prompt: "a castle", backends: ["one", "two"], width: 120)
        studio.press("Enter")
        var summary = GenerationSummary()
        summary.remainingCredits = 12.5
        studio.send(.job(1, .finished(summary), at: 2))
        #expect(studio.screen.buffer.text.contains("one · 12.5 credits"))
        _ = studio.state.set(.backend, to: "two")
        #expect(!studio.screen.buffer.text.contains("credits"))
        summary.remainingCredits = 0
        studio.press("Enter")
        studio.send(.job(2, .finished(summary), at: 4))
        #expect(studio.screen.buffer.text.contains("two · 0 credits"))
    }

    @Test("results that services still have are fetched, from a paused queue too")
    func left() {
        var studio = StudioDriver(prompt: "a castle", backends: ["one", "two"])
        studio.press("Alt-p")
        var request = GenerationRequest(prompt: "left behind")
        request.backend = "two"
        request.seeds = [4]
        var gone = request
        gone.backend = "gone"
        studio.effects = []
        studio.send(
            .left([
                LeftJob(entry: "a", request: request, task: "t1"),
                LeftJob(entry: "b", request: gone, task: "t2"),
                LeftJob(entry: "c", request: gone, task: "t3", server: "http://192.0.2.7"),
            ]))
        let effects = studio.takeEffects()
        guard case .start(let job, let parent)? = effects.first,
            case .start(let other, "c")? = effects.dropFirst().first
        else {
            Issue.record("nothing was fetched")
            return
        }
        #expect(job.resumes == "t1")
        #expect(parent == "a")
        #expect(job.server == nil && other.server == "http://192.0.2.7")
        #expect(studio.state.queue.jobs.count == 2)
        #expect(studio.state.draft.waiting.isEmpty)
        studio.press("Alt-6")
        #expect(studio.screen.buffer.text.contains("Fetching left behind"))
    }
}
