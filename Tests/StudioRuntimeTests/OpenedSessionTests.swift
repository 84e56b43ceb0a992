import Foundation
import Generation
import History
import Screen
import Settings
import Studio
import Testing

@testable import StudioRuntime

@Suite("Opening a saved session", .timeLimit(.minutes(5)))
struct OpenedSessionTests {
    @Test("only its jobs are in the history, found by name, part of the name or file")
    func inJournal() async throws {
        let disk = try JournalOnDisk()
        let name = try disk.finishedSession("one", "two")
        try disk.finishedSession("other")
        let file = disk.store.sessions.appendingPathComponent(name).path
        let ways = [name, (name as NSString).deletingPathExtension, file]
        for way in ways {
            let prompts = try await disk.studioJournal(session: way).entries()
                .map(\.request.prompt)
            #expect(prompts == ["two", "one"], "\(way)")
        }
        #expect(try await disk.studioJournal().entries().count == 3)
    }

    @Test("a file outside the journal is shown, restored and left as it is")
    func outside() async throws {
        let disk = try JournalOnDisk()
        let name = try disk.finishedSession("far away", "farther")
        let file = disk.folders.data.appendingPathComponent("export/session.jsonl")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            at: disk.store.sessions.appendingPathComponent(name), to: file)
        let before = try Data(contentsOf: file)
        let journal = try disk.studioJournal(session: file.path)
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Size(width: 140, height: 45)), journal: journal)
        await studio.terminal.untilText("far away")
        studio.terminal.press("Alt-5", "Enter")
        await studio.terminal.until { frame, _ in
            frame.buffer.text.contains("Restored")
        }
        studio.terminal.press("Alt-5", "*")
        await studio.terminal.untilText("lies outside of the journal")
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
        #expect(try Data(contentsOf: file) == before)
    }

    @Test("a session that is not there, is ambiguous or is no session is refused")
    func refused() throws {
        let disk = try JournalOnDisk()
        #expect(throws: SessionNotFound.self) { try disk.studioJournal(session: "2020-01-01") }
        let name = try disk.finishedSession("one")
        try disk.finishedSession("two")
        #expect(throws: SessionNotFound.self) {
            try disk.studioJournal(session: String(name.prefix(10)))
        }
        let file = disk.folders.data.appendingPathComponent("notes.txt")
        try Data("no session\n".utf8).write(to: file)
        #expect(throws: JournalError.self) { try disk.studioJournal(session: file.path) }
    }
}
