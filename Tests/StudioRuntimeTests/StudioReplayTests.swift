import Foundation
import Generation
import Hashing
import History
import Images
import Screen
import Settings
import Studio
import Testing

@testable import StudioRuntime

@Suite("Replay in the studio", .timeLimit(.minutes(5)))
struct StudioReplayTests {
    /// Makes pictures with the studio's own journal, as a run of the studio does.
    private static func make(_ prompts: [String], in disk: JournalOnDisk) async throws {
        let journal = try disk.studioJournal()
        for (index, prompt) in prompts.enumerated() {
            let request = disk.request(prompt, seed: UInt64(index + 1))
            let entry = try await journal.begin(request, parent: nil, origin: nil, server: nil)
            var outcome = RunOutcome(request: request, status: .finished)
            for try await event in FakeGenerator().generate(request, options: ExecutionOptions()) {
                switch event {
                case .started(let resolved):
                    outcome.request = resolved
                    try await journal.started(entry, resolved)
                case .image(let image): try await journal.add(image, to: entry)
                case .finished(let summary): outcome.summary = summary
                default: break
                }
            }
            _ = try await journal.finish(entry, outcome)
        }
    }

    /// Writes another picture over the file of an entry, and another hash into the journal.
    private static func falsify(_ entry: HistoryEntry, in disk: JournalOnDisk) throws {
        let path = try #require(entry.pictures.first?.path)
        let file = disk.folders.data.appendingPathComponent(path)
        let image = PixelImage(width: 64, height: 64, filledWith: (9, 9, 9))
        try Data(try PNGCodec.encode(image, level: 6)).write(to: file)
        let session = disk.store.sessions.appendingPathComponent(try #require(entry.session))
        let hash = try #require(
            try SessionContents.read(session).jobs.first { $0.id.description == entry.id }?
                .images.first?.pixelsSHA256)
        let text = try String(contentsOf: session, encoding: .utf8)
        try text.replacingOccurrences(of: hash, with: image.pixelsSHA256).write(
            to: session, atomically: true, encoding: .utf8)
    }

    @Test("a session is run again: verdicts in place, the difference of one that changed")
    func session() async throws {
        let disk = try JournalOnDisk()
        try await Self.make(["one", "two", "three"], in: disk)
        let entries = try await disk.studioJournal().entries()
        let last = try await disk.studioJournal().entry(entries[0].id)
        try Self.falsify(last, in: disk)
        let journal = try disk.studioJournal()
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Size(width: 140, height: 45)), journal: journal)
        await studio.terminal.untilText("1/3")
        studio.terminal.press("Alt-5", "W")
        await studio.terminal.untilText("all 3 finished entries")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("Replay: 2 identical, 1 different")
        let text = studio.terminal.text
        #expect(text.components(separatedBy: "= identical").count == 3)
        #expect(text.contains("≠ different: PSNR"))
        // Nothing new is in the journal.
        #expect(try await disk.studioJournal().entries().count == 3)
        studio.terminal.press("Down")
        await studio.terminal.until { _, graphics in
            graphics.contains { $0.key.hasPrefix("entry \(entries[1].id)") }
        }
        studio.terminal.press("Up")
        await studio.terminal.until { _, graphics in
            graphics.contains { $0.key.hasPrefix("entry \(last.id)") }
        }
        studio.terminal.press("D")
        await studio.terminal.untilText("100 % differ")
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("an entry whose picture was deleted is compared by its recorded hash")
    func deletedFile() async throws {
        let disk = try JournalOnDisk()
        try await Self.make(["one"], in: disk)
        for file in try FileManager.default.contentsOfDirectory(
            at: disk.folders.images, includingPropertiesForKeys: nil)
        {
            try FileManager.default.removeItem(at: file)
        }
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Size(width: 140, height: 45)),
            journal: try disk.studioJournal())
        await studio.terminal.untilText("1/1")
        studio.terminal.press("Alt-5")
        await studio.terminal.untilText("The picture's file cannot be read.")
        #expect(studio.terminal.graphics.isEmpty)
        studio.terminal.press("R")
        await studio.terminal.untilText("Replay: 1 identical")
        #expect(studio.terminal.text.contains("= identical: the f"))
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("a session file outside of the journal is opened and run again")
    func foreign() async throws {
        let disk = try JournalOnDisk()
        try await Self.make(["one", "two"], in: disk)
        let name = try #require(try await disk.studioJournal().entries().first?.session)
        let folder = disk.home.appendingPathComponent("export")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            at: disk.store.sessions.appendingPathComponent(name),
            to: folder.appendingPathComponent("kept.jsonl"))
        try FileManager.default.moveItem(
            at: disk.folders.images, to: folder.appendingPathComponent("images"))
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Size(width: 140, height: 45)),
            journal: try disk.studioJournal(
                session: folder.appendingPathComponent("kept.jsonl").path))
        await studio.terminal.untilText("1/2")
        studio.terminal.press("Alt-5", "W", "Enter")
        await studio.terminal.untilText("Replay: 2 identical")
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }
}
