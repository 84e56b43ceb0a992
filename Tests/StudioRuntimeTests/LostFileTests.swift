import Foundation
import Generation
import History
import Images
import Screen
import Studio
import Testing

@testable import StudioRuntime

@Suite("Files that disappear under the studio", .timeLimit(.minutes(5)))
struct LostFileTests {
    /// A studio that has drawn one picture, and the picture's file.
    private func studioWithPicture(_ disk: JournalOnDisk) async throws -> (StudioHarness, URL) {
        let journal = try disk.studioJournal()
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Size(width: 140, height: 45)), journal: journal,
            folder: disk.home)
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("Done in")
        await studio.terminal.untilText("1/1")
        let entry = try #require(try await journal.entries().first)
        let file = try #require(try await journal.pictureFile(0, of: entry.id))
        return (studio, file)
    }

    @Test("what is shown can still be saved and looked at; what is gone is told")
    func deletedWhileShown() async throws {
        let disk = try JournalOnDisk()
        let (studio, file) = try await studioWithPicture(disk)
        try FileManager.default.removeItem(at: file)
        studio.terminal.press("Alt-4", "+", "+", "Ctrl-L")
        await studio.terminal.untilText("200 %")
        await studio.terminal.until { _, graphics in
            graphics.contains { $0.key.hasPrefix("entry ") || $0.key.hasPrefix("job ") }
        }
        studio.terminal.press("w", "Ctrl-U")
        studio.terminal.type("copy.png")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("Saved as")
        let copy = try ImageFile.read(disk.home.appendingPathComponent("copy.png").path)
        #expect(copy.width == 64)
        studio.terminal.press("O")
        await studio.terminal.untilText("its file is gone, ")
        #expect(studio.terminal.clipboard == nil)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test(
        "a picture that is gone, empty or damaged is told in one line, and the rest works",
        arguments: [nil, Data(), Data("no picture".utf8)])
    func unreadable(content: Data?) async throws {
        let disk = try JournalOnDisk()
        let (first, file) = try await studioWithPicture(disk)
        first.terminal.press("Ctrl-Q")
        try await first.ended()
        try FileManager.default.removeItem(at: file)
        if let content { try content.write(to: file) }
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Size(width: 140, height: 45)),
            journal: try disk.studioJournal())
        await studio.terminal.untilText("the picture could not be read")
        await studio.terminal.untilText("The picture's file cannot be read.")
        #expect(studio.terminal.graphics.isEmpty)
        studio.terminal.press("Alt-5", "T", "T", "A", "i")
        await studio.terminal.untilText("Esc closes")
        studio.terminal.press("Esc", "Enter")
        await studio.terminal.untilText("Restored")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("1/2")
        await studio.terminal.untilText("Done in")
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("a session file that is deleted takes its entries along, and nothing else")
    func deletedSession() async throws {
        let disk = try JournalOnDisk()
        let name = try disk.finishedSession("a boat")
        try disk.finishedSession("an owl")
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Size(width: 140, height: 45)),
            journal: try disk.studioJournal())
        await studio.terminal.untilText("1/2")
        try FileManager.default.removeItem(
            at: disk.store.sessions.appendingPathComponent(name))
        await studio.terminal.until { frame, _ in !frame.buffer.text.contains("a boat") }
        await studio.terminal.untilText("1/1")
        studio.terminal.press("Alt-5", "Enter")
        await studio.terminal.untilText("Restored")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("1/2")
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test(
        "an editor that fails, or takes the text's file away, changes nothing",
        arguments: [("false", "false ended with status 1"), ("rm -f", "rm -f left no file")])
    func editor(command: String, message: String) async throws {
        let studio = StudioHarness(editor: command)
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Alt-e")
        await studio.terminal.untilText("\(message); the text is as it was")
        #expect(studio.terminal.text.contains("a red fox"))
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }
}
