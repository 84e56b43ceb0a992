import Generation
import Screen
import Testing

@testable import Studio

@Suite("History pane")
struct HistoryPaneTests {
    @Test("many seeds stand behind their label in the details, none is broken")
    func seedsInDetails() {
        var studio = StudioDriver(width: 140, height: 45)
        var entry = StudioDriver.entry("1", "a")
        entry.request.seeds = (0..<4).map { 4_267_642_469 + $0 }
        studio.send(.history([entry]))
        studio.press("Alt-5", "i")
        let text = studio.screen.buffer.text
        #expect(text.contains("Seed        4267642469, 4267642470,"))
        #expect(text.contains("            4267642471, 4267642472"))
    }

    @Test("what an empty preview says is broken where it does not fit")
    func emptyPreview() {
        let studio = StudioDriver(width: 110, height: 34)
        let text = studio.screen.buffer.text
        #expect(text.contains("Ctrl-P all"))
        #expect(!text.contains("command…"))
    }

    private static func studio() -> StudioDriver {
        var studio = StudioDriver(prompt: "mine")
        studio.send(
            .history([
                StudioDriver.entry("3", "a lighthouse", seed: 3, date: 3),
                StudioDriver.entry("2", "a red fox", seed: 2, date: 2),
                StudioDriver.entry("1", "a boat", seed: 1, date: 1),
            ]))
        studio.press("Alt-5")
        studio.effects = []
        return studio
    }

    @Test("moving shows the picture of the entry")
    func moving() {
        var studio = Self.studio()
        studio.press("Down")
        let picture = HistoryEntry.Picture(path: nil, seed: 2, width: 256, height: 192)
        #expect(studio.takeEffects() == [.load(entry: "2", index: 0, picture)])
        studio.send(
            .picture(entry: "2", index: 0, ImageReference(id: "x", width: 256, height: 192)))
        #expect(studio.state.preview.current?.id == "x")
        // A picture that comes late belongs to an entry that is no longer shown.
        studio.press("Down")
        studio.send(.picture(entry: "2", index: 0, ImageReference(id: "y", width: 1, height: 1)))
        #expect(studio.state.preview.current == nil)
    }

    @Test("a long prompt goes on in a second line, cut nowhere", arguments: 1...30)
    func wrappedPrompt(length: Int) {
        var studio = StudioDriver(width: 140, height: 45)
        let prompt = String(repeating: "x", count: length) + " a windmill in a meadow"
        studio.send(.history([StudioDriver.entry("1", prompt)]))
        #expect(!studio.screen.buffer.text.contains("…"))
    }

    @Test("restoring takes everything, or leaves the seed, or takes only one thing")
    func restoring() {
        var studio = Self.studio()
        studio.press("Down", "r")
        #expect(studio.state.prompt.editor.text == "a red fox")
        #expect(studio.state.parameters.request.height == 192)
        #expect(studio.state.parameters.seed.mode == .random)
        #expect(studio.state.parent == "2")
        studio.press("Ctrl-_")
        #expect(studio.state.prompt.editor.text == "mine")
        studio.press("Alt-5", "S")
        #expect(studio.state.prompt.editor.text == "mine")
        #expect(studio.state.request.seeds == [2])
        studio.press("Alt-5", "Down", "Enter")
        #expect(studio.state.prompt.editor.text == "a boat")
        #expect(studio.state.request.seeds == [1])
    }

    @Test("a search narrows the list while it is typed, Esc drops it")
    func searching() {
        var studio = Self.studio()
        studio.press("/")
        studio.type("fox")
        #expect(studio.state.history.visible.map(\.id) == ["2"])
        studio.press("Enter")
        #expect(studio.state.history.visible.map(\.id) == ["2"])
        studio.press("/", "Esc")
        #expect(studio.state.history.visible.count == 3)
    }

    @Test("a deleted entry comes back where it was")
    func deleting() {
        var studio = Self.studio()
        studio.press("Down", "d", "Enter")
        #expect(studio.takeEffects().contains(.delete("2")))
        #expect(studio.state.history.entries.map(\.id) == ["3", "1"])
        studio.press("u")
        #expect(studio.state.history.entries.map(\.id) == ["3", "2", "1"])
        #expect(studio.state.history.selected?.id == "2")
    }

    @Test("star, note and tags reach the journal")
    func annotating() {
        var studio = Self.studio()
        studio.press("*", "n")
        studio.type("good one")
        studio.press("Enter", "#")
        studio.type("sea, night")
        studio.press("Enter")
        let kept = studio.takeEffects().compactMap { effect -> HistoryEntry? in
            if case .annotate(let entry) = effect { entry } else { nil }
        }
        #expect(kept.count == 3)
        #expect(kept.last?.isStarred == true)
        #expect(kept.last?.note == "good one")
        #expect(kept.last?.tags == ["sea", "night"])
    }

    @Test("Up on the first line brings earlier prompts, Down comes back to one's own")
    func promptHistory() {
        var studio = Self.studio()
        studio.press("Alt-1", "Up")
        #expect(studio.state.prompt.editor.text == "a lighthouse")
        studio.press("Up", "Up", "Up")
        #expect(studio.state.prompt.editor.text == "a boat")
        studio.press("Down", "Down", "Down")
        #expect(studio.state.prompt.editor.text == "mine")
        studio.press("Up")
        studio.type("!")
        #expect(studio.state.prompt.editor.text == "a lighthouse!")
    }

    @Test("the command line of an entry is quoted for a shell")
    func command() {
        var request = StudioDriver.entry("1", "it's a \"fox\"; rm -rf", seed: 5).request
        request.negativePrompt = "blurry, $HOME"
        #expect(
            CommandLine.text(for: request)
                == #"latent generate 'it'\''s a "fox"; rm -rf' --seed 5 --negative 'blurry, $HOME'"#
                + " --width 256 --height 192 --steps 12 --backend fake")
        request.prompt = "--help me"
        #expect(CommandLine.text(for: request).hasSuffix(" --backend fake -- '--help me'"))
    }

    @Test("a job remembers the entry that its fields came from, also while it waits")
    func parents() {
        var studio = Self.studio()
        studio.press("Down", "Enter")
        studio.type("y")
        studio.press("Enter")
        studio.press("Alt-5", "Home", "Enter", "Enter")
        #expect(studio.state.queue.jobs.map(\.parent) == ["2", "3"])
        #expect(studio.state.queue.jobs.map(\.request.prompt) == ["a red foxy", "a lighthouse"])
        let started = studio.takeEffects().compactMap { effect -> String? in
            if case .start(_, let parent) = effect { parent } else { nil }
        }
        #expect(started == ["2"])
    }

    @Test("an entry runs again as it was, with its seeds, and leaves the editors alone")
    func again() {
        var studio = Self.studio()
        studio.press("Down", "a")
        #expect(studio.state.prompt.editor.text == "mine")
        #expect(studio.state.queue.jobs.map(\.request.seeds) == [[2]])
        #expect(studio.state.queue.jobs.map(\.request.prompt) == ["a red fox"])
    }

    @Test("the details show what an entry changed")
    func details() {
        var studio = Self.studio()
        var child = StudioDriver.entry("4", "a blue fox", seed: 9, date: 4)
        child.parent = "2"
        child.note = String(repeating: "a line\n", count: 30)
        studio.send(.history([child] + studio.state.history.entries))
        studio.press("Home", "i")
        #expect(studio.takeEffects().contains(.compare(entry: "4", parent: "2")))
        #expect(studio.screen.buffer.text.contains("reading …"))
        var comparison = EntryComparison(entry: "4")
        comparison.prompt = [
            .init(.same, "a "), .init(.removed, "red"), .init(.added, "blue"), .init(.same, " fox"),
        ]
        comparison.changes = [.init(field: .steps, old: "8", new: "12")]
        studio.send(.compared(comparison))
        expectSnapshot(studio.screen, "details-80x24")
        studio.press("PageDown", "PageDown")
        #expect(!studio.screen.buffer.text.contains("Against"))
        studio.press("Esc")
        #expect(studio.state.layers.isEmpty)
    }
}
