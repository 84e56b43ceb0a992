import Generation
import History
import Screen
import Studio
import Testing

@testable import StudioRuntime

@Suite("Tweaks of a history entry", .timeLimit(.minutes(5)))
struct TweakTests {
    @Test("a tweaked entry keeps its parent in the journal, and the details show the difference")
    func tweak() async throws {
        let disk = try JournalOnDisk()
        try disk.finishedSession("a red fox in the snow")
        let journal = try disk.studioJournal()
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Size(width: 140, height: 45)), journal: journal)
        await studio.terminal.untilText("1/1")
        studio.terminal.press("Alt-5", "Enter")
        await studio.terminal.untilText("Restored")
        studio.terminal.press("Alt-Backspace")
        studio.terminal.type("rain")
        studio.terminal.press("F5")
        await studio.terminal.untilText("Done in")
        let entries = try await journal.entries()
        #expect(
            entries.map(\.request.prompt) == ["a red fox in the rain", "a red fox in the snow"])
        #expect(entries.first?.parent == entries.last?.id)
        studio.terminal.press("Alt-5", "Home", "i")
        await studio.terminal.untilText("changed: prompt")
        await studio.terminal.untilText("a red fox in the snow rain")
        studio.terminal.press("Esc", "Ctrl-Q")
        try await studio.ended()
    }
}
