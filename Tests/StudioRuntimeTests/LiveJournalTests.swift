import Foundation
import Generation
import History
import Images
import Screen
import Studio
import Testing

@testable import StudioRuntime

@Suite("A journal that others write to, pictures that come and go", .timeLimit(.minutes(5)))
struct LiveJournalTests {
    /// A run that does not end by itself within a test.
    private static var longRun: Draft {
        var request = GenerationRequest(prompt: "")
        request.backend = "fake"
        request.steps = 1000
        return Draft(prompt: "a red fox", negative: "", request: request)
    }

    private static let wide = Size(width: 140, height: 45)

    @Test("a star, a new job and a removal of another process are shown without a restart")
    func otherProcess() async throws {
        let disk = try JournalOnDisk()
        let name = try disk.finishedSession("a boat", "a red fox")
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Self.wide), journal: try disk.studioJournal())
        await studio.terminal.untilText("1/2")
        // Another store is what another process has.
        let jobs = try disk.store.index().jobs(HistoryQuery()).page
        let fox = try #require(jobs.first { $0.prompt == "a red fox" })
        let boat = try #require(jobs.first { $0.prompt == "a boat" })
        try disk.store.annotate(fox, .starred(true))
        await studio.terminal.untilText("★")
        try disk.finishedSession("an owl")
        await studio.terminal.untilText("an owl")
        try disk.store.annotate(boat, .removed)
        await studio.terminal.until { frame, _ in !frame.buffer.text.contains("a boat") }
        #expect(name == fox.session)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("a star of its own is written once and comes back as it is")
    func ownStar() async throws {
        let disk = try JournalOnDisk()
        try disk.finishedSession("a boat")
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Self.wide), journal: try disk.studioJournal())
        await studio.terminal.untilText("1/1")
        studio.terminal.press("Alt-5", "*")
        await studio.terminal.untilText("★")
        studio.terminal.press("*")
        await studio.terminal.until { frame, _ in !frame.buffer.text.contains("★") }
        let deadline = ContinuousClock.now + .seconds(40)
        while try disk.store.index().jobs(HistoryQuery()).page.first?.isStarred != false,
            ContinuousClock.now < deadline
        {
            try await Task.sleep(for: .milliseconds(20))
        }
        try await Task.sleep(for: .milliseconds(600))
        #expect(!studio.terminal.text.contains("★"))
        #expect(try disk.store.index().jobs(HistoryQuery()).page.first?.isStarred == false)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("notes and tags with control characters are refused by the journal itself")
    func controls() throws {
        let disk = try JournalOnDisk()
        try disk.finishedSession("a boat")
        let job = try #require(try disk.store.index().jobs(HistoryQuery()).page.first)
        #expect(throws: JournalError.self) { try disk.store.annotate(job, .noted("a\u{1B}[2J")) }
        #expect(throws: JournalError.self) {
            try disk.store.annotate(job, .tagged(TagChange(added: ["a\u{7}"])))
        }
        try disk.store.annotate(job, .noted("two\nlines\tfine"))
    }

    @Test("small pictures stand in the history and are sent once")
    func thumbnails() async throws {
        let disk = try JournalOnDisk()
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Self.wide), journal: try disk.studioJournal())
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Enter")
        await studio.terminal.until { frame, graphics in
            frame.buffer.text.contains("Done in")
                && graphics.contains { $0.key.hasPrefix("small ") }
                && graphics.contains { !$0.key.hasPrefix("small ") && !$0.key.contains("step") }
        }
        let sent = studio.terminal.sentPictures
        studio.terminal.press("Alt-5", "t", "*", "Alt-1")
        studio.terminal.type(" in the snow")
        await studio.terminal.untilText("in the snow")
        #expect(studio.terminal.sentPictures == sent)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("what there was of a stopped run is kept, and told from a finished picture")
    func partial() async throws {
        let disk = try JournalOnDisk()
        let journal = try disk.studioJournal()
        let studio = StudioHarness(
            generator: FakeGenerator(stepDuration: .milliseconds(200)), draft: Self.longRun,
            terminal: VirtualTerminal(size: Self.wide), journal: journal)
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Enter")
        await studio.terminal.until { _, graphics in graphics.contains { $0.key.contains("step") } }
        studio.terminal.press("Ctrl-C")
        await studio.terminal.untilText("Stopped")
        await studio.terminal.untilText("stopped before it was finished")
        let listed = try #require(try await journal.entries().first)
        let entry = try await journal.entry(listed.id)
        #expect(entry.status == .cancelled)
        #expect(entry.pictures.map(\.isPartial) == [true])
        #expect(try await journal.picture(0, of: entry.id).width == 8)
        #expect(try await journal.replayItem(entry.id).expected.isEmpty)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test(
        "a copy is the file with its metadata; an existing file is replaced only after a question")
    func copy() async throws {
        let disk = try JournalOnDisk()
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Self.wide), journal: try disk.studioJournal(),
            folder: disk.home)
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("1/1")
        studio.terminal.press("Alt-c")
        await studio.terminal.untilText("a-red-fox-")
        studio.terminal.press("Ctrl-U")
        studio.terminal.type("copy.png")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("Saved as")
        let file = disk.home.appendingPathComponent("copy.png")
        #expect(try PictureMetadata.read(fileAt: file.path).request?.prompt == "a red fox")
        try Data("mine".utf8).write(to: file)
        studio.terminal.press("Alt-c", "Ctrl-U")
        studio.terminal.type("copy.png")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("copy.png exists.")
        #expect(try Data(contentsOf: file) == Data("mine".utf8))
        studio.terminal.press("Enter")
        await studio.terminal.untilText("Saved as")
        #expect(try Data(contentsOf: file).count > 100)
        // Nothing can open a folder here: the path goes to the clipboard.
        studio.terminal.press("Alt-4", "O")
        await studio.terminal.untilText("Copied")
        #expect(studio.terminal.clipboard?.hasSuffix("-0.png") == true)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("two backends work at the same time")
    func parallel() async throws {
        let studio = StudioHarness(
            generator: FakeGenerator(stepDuration: .milliseconds(200)),
            others: [FakeGenerator(id: "second", stepDuration: .milliseconds(200))],
            draft: Self.longRun,
            terminal: VirtualTerminal(size: Self.wide))
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Enter", "F10")
        studio.terminal.type("second")
        studio.terminal.press("Enter", "F5")
        await studio.terminal.untilText("1 more running")
        studio.terminal.press("Ctrl-Q")
        await studio.terminal.untilText("2 jobs are running")
        studio.terminal.press("Enter")
        try await studio.ended()
        #expect(await studio.journal.entries().map(\.status) == [.cancelled, .cancelled])
    }

    @Test("the names of changed files are read from what the system tells")
    func names() {
        func event(_ name: String, padding: Int) -> [UInt8] {
            let text = Array(name.utf8) + [UInt8](repeating: 0, count: padding)
            return [1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, UInt8(text.count), 0, 0, 0] + text
        }
        let bytes = event("a.jsonl", padding: 9) + event("", padding: 0) + event("b", padding: 3)
        #expect(FolderWatch.names(in: bytes[...]) == ["a.jsonl", "b"])
        #expect(FolderWatch.names(in: bytes.prefix(20)) == ["a.js"])
    }
}
