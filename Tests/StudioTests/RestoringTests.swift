import Foundation
import Generation
import Screen
import Testing

@testable import Studio

@Suite("What comes back")
struct RestoringTests {
    private static func entry(_ seeds: [UInt64], _ prompt: String = "a fox") -> HistoryEntry {
        var entry = StudioDriver.entry("1", prompt)
        entry.request.seeds = seeds
        entry.pictures = seeds.map { .init(path: nil, seed: $0, width: 256, height: 192) }
        return entry
    }

    @Test("seeds that do not follow each other are those of the next run")
    func seeds() {
        var studio = StudioDriver()
        studio.send(.history([Self.entry([7, 99, 12])]))
        studio.press("Alt-5", "Enter")
        #expect(studio.state.request.seeds == [7, 99, 12])
        #expect(studio.state.value(of: .seed) == "7, 99, 12")
        studio.press("Enter")
        #expect(studio.state.queue.jobs.first?.request.seeds == [7, 99, 12])
        _ = studio.state.set(.count, to: "2")
        #expect(studio.state.request.seeds == [7, 8])
        studio.press("Alt-5", "S")
        #expect(studio.state.request.seeds == [7, 99, 12])
    }

    @Test(
        "each way to restore has its key and stands in a list of them",
        arguments: [
            (ActionID.restoreAll, "Enter", 0), (.restoreExceptSeed, "r", 1), (.restoreSeed, "S", 2),
            (.restorePrompt, "P", 3),
        ])
    func ways(_ id: ActionID, _ key: String, _ row: Int) {
        var entry = Self.entry([7], "a fox")
        entry.request.steps = 33
        entry.request.negativePrompt = "fog"
        var direct = StudioDriver(prompt: "mine")
        direct.send(.history([entry]))
        direct.press("Alt-5")
        var listed = direct
        direct.press(key)
        listed.press("e")
        #expect(listed.screen.buffer.text.contains("Everything but the seed"))
        for _ in 0..<row { listed.press("Down") }
        listed.press("Enter")
        #expect(listed.state.request == direct.state.request)
        let takesText = id != .restoreSeed
        #expect(direct.state.prompt.editor.text == (takesText ? "a fox" : "mine"))
        #expect(direct.state.negative.editor.text == (takesText ? "fog" : ""))
        #expect(
            direct.state.request.steps
                == ([.restoreAll, .restoreExceptSeed].contains(id) ? 33 : nil))
        #expect(
            direct.state.request.seeds == ([.restoreAll, .restoreSeed].contains(id) ? [7] : []))
        direct.press("Ctrl-P")
        direct.type(Action.named(id)?.title ?? "")
        #expect(direct.screen.buffer.text.contains(key))
    }

    @Test("without an entry, nothing is restored and it says so")
    func nothingToRestore() {
        var studio = StudioDriver(prompt: "mine")
        studio.press("Alt-5", "Enter")
        #expect(studio.state.status?.text == "Restore: no entry is selected")
        studio.press("e")
        #expect(studio.state.layers.isEmpty)
    }

    @Test("seeds are typed one by one")
    func typed() {
        var studio = StudioDriver()
        #expect(studio.state.set(.seed, to: "5, 3,18446744073709551615") == nil)
        #expect(studio.state.request.seeds == [5, 3, .max])
        #expect(studio.state.parameters.count == 3)
        #expect(studio.state.set(.seed, to: "5, x") != nil)
        #expect(studio.state.adjust(.seed, by: 1) == nil)
        #expect(studio.state.request.seeds == [6, 7, 8])
        studio.describe("fake", fields: [.seeds: .integers(minimum: 0, maximum: 100, step: 1)])
        #expect(studio.state.set(.seed, to: "5, 300") != nil)
        #expect(studio.state.set(.seed, to: "5, 30") == nil)
        #expect(studio.state.request.seeds == [5, 30])
    }

    @Test("a draft keeps the seeds one by one, and those of earlier versions are read")
    func draft() throws {
        var studio = StudioDriver()
        _ = studio.state.set(.seed, to: "5,3")
        let data = try JSONEncoder().encode(studio.state.draft)
        var next = StudioDriver()
        next.state.restore(try JSONDecoder().decode(Draft.self, from: data))
        #expect(next.state.request.seeds == [5, 3])
        let old = try JSONDecoder().decode(
            SeedSetting.self, from: Data(#"{"mode":"fixed","value":9}"#.utf8))
        #expect(old == SeedSetting(mode: .fixed, value: 9))
    }

    @Test("a replay that is not through comes back with the entries that are left")
    func replay() {
        var studio = StudioDriver()
        studio.send(
            .history((1...3).map { StudioDriver.entry("\($0)", "p", date: Double(-$0)) }))
        studio.press("Alt-5", "Ctrl-A", "R")
        #expect(studio.state.queue.running.count == 1)
        #expect(studio.state.draft.waiting.first?.replays == ["1", "2", "3"])
        studio.send(.job(1, .replaying(entry: "1"), at: 1))
        let saves = studio.state.update(
            .job(1, .replayed(entry: "1", EntryReplay(.identical)), at: 2))
        #expect(saves.contains(.saveDraft))
        #expect(studio.state.draft.waiting.first?.replays == ["2", "3"])
        studio.press("Ctrl-Q")
        #expect(studio.screen.buffer.text.contains("1 job comes back"))
        var next = StudioDriver()
        next.state.restore(studio.state.draft)
        #expect(next.state.queue.waiting.first?.replays == ["2", "3"])
        studio.press("Esc", "Ctrl-C")
        #expect(studio.state.draft.waiting.isEmpty)
    }

    @Test("the choices that were drawn for a restored run hold until text or seed change")
    func choices() {
        var entry = Self.entry([7], "a {red|blue} fox")
        entry.request.expansion = PromptExpansion(prompt: "a blue fox", negativePrompt: nil)
        entry.request.expansion?.draws = PromptDraws(seed: 7, draws: [], rerolls: [:])
        var studio = StudioDriver()
        studio.send(.history([entry]))
        studio.press("Alt-5", "Enter")
        #expect(studio.state.request.expansion?.prompt == "a blue fox")
        studio.type("!")
        #expect(studio.state.request.expansion == nil)
        studio.press("Backspace")
        #expect(studio.state.request.expansion?.prompt == "a blue fox")
        _ = studio.state.set(.seed, to: "8")
        #expect(studio.state.request.expansion == nil)
    }

    @Test("one choice of several is drawn again")
    func reroll() {
        var entry = Self.entry([7], "a {red|blue} {fox|cat}")
        entry.request.expansion = PromptExpansion(prompt: "a blue fox", negativePrompt: nil)
        entry.request.expansion?.draws = PromptDraws(
            seed: 7,
            draws: [
                .init(id: "prompt/0", source: "{red|blue}", picks: [1], options: 2),
                .init(id: "prompt/1", source: "{fox|cat}", picks: [0], options: 2),
            ], rerolls: [:])
        var studio = StudioDriver()
        studio.send(.history([entry]))
        studio.press("Alt-5", "Alt-n")
        #expect(studio.screen.buffer.text.contains("{red|blue}"))
        studio.effects = []
        studio.press("Down", "Enter")
        #expect(studio.takeEffects() == [.reroll(entry.request, draw: 2, parent: "1")])
        var drawn = entry.request
        drawn.expansion?.prompt = "a blue cat"
        studio.send(.rerolled(drawn, parent: "1"))
        guard case .start(let job, "1")? = studio.takeEffects().first else {
            Issue.record("nothing runs")
            return
        }
        #expect(job.request == drawn)
        #expect(studio.state.status?.text == "Drawn again: a blue cat")
    }

    @Test("a draft of another studio is taken over, and undo brings the own text back")
    func drafts() {
        var studio = StudioDriver(prompt: "mine")
        studio.press("Alt-o")
        #expect(studio.takeEffects() == [.listDrafts])
        studio.send(.leftDrafts([]))
        #expect(studio.state.status?.text == "No other draft was left")
        studio.send(
            .leftDrafts([LeftDraft(name: "draft-2", date: "2026-01-01 10:00", prompt: "theirs")]))
        #expect(studio.screen.buffer.text.contains("theirs"))
        studio.press("Enter")
        #expect(studio.takeEffects() == [.takeDraft("draft-2")])
        var request = GenerationRequest(prompt: "")
        request.backend = "fake"
        request.steps = 9
        studio.send(.draft(Draft(prompt: "theirs", negative: "", request: request)))
        #expect(studio.state.prompt.editor.text == "theirs")
        #expect(studio.state.parameters.request.steps == 9)
        studio.press("Ctrl-_")
        #expect(studio.state.prompt.editor.text == "mine")
    }
}
