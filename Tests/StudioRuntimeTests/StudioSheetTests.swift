import Foundation
import Generation
import History
import Images
import Presets
import Screen
import Studio
import Testing

@testable import StudioRuntime

@Suite("Sweeps and comparisons in the whole studio", .timeLimit(.minutes(5)))
struct StudioSheetTests {
    @Test("a sweep is typed, its cells arrive as a grid of pictures, and Enter adopts one")
    func sweep() async throws {
        let studio = StudioHarness()
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Alt-x")
        studio.terminal.type("steps=2,3; replace=fox,cat")
        await studio.terminal.untilText("4 pictures")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("4 of 4 cells are done")
        await studio.terminal.until { _, graphics in
            graphics.count { !$0.key.hasPrefix("small ") && !$0.key.contains("step") } == 4
        }
        #expect(studio.terminal.text.contains("steps 3"))
        #expect(studio.terminal.text.contains("cat"))
        let entries = await studio.journal.entries()
        #expect(entries.count == 4)
        #expect(Set(entries.map(\.request.seeds)).count == 1)
        #expect(Set(entries.map(\.request.prompt)) == ["a red fox", "a red cat"])
        studio.terminal.press("Right", "Down", "Enter")
        await studio.terminal.untilText("a red cat")
        await studio.terminal.untilText("3 steps")
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
        #expect(studio.drafts.loadSheet()?.doneCount == 4)
    }

    @Test("axes that cannot be are explained where they are typed")
    func wrongAxes() async throws {
        let studio = StudioHarness()
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Alt-x")
        studio.terminal.type("stops=2,3")
        await studio.terminal.untilText("stops=2: there is no field")
        studio.terminal.press("Ctrl-U")
        studio.terminal.type("steps=2,5000")
        await studio.terminal.untilText("2 pictures")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("steps=5000")
        #expect(await studio.journal.entries().isEmpty)
        studio.terminal.press("Esc", "Ctrl-Q")
        try await studio.ended()
    }

    @Test("a sweep that was left in the middle goes on at the next start")
    func resumed() async throws {
        let journal = MemoryJournal(date: { 1000 })
        let slow = StudioHarness(
            generator: FakeGenerator(stepDuration: .milliseconds(150)), journal: journal)
        await slow.terminal.untilText("a red fox")
        slow.terminal.press("Alt-x")
        slow.terminal.type("steps=1,100,101")
        await slow.terminal.untilText("3 pictures")
        slow.terminal.press("Enter")
        await slow.terminal.untilText("1 of 3 cells are done")
        slow.terminal.send(.hungUp)
        try await slow.ended()
        let kept = try #require(slow.drafts.loadSheet())
        #expect(kept.doneCount >= 1)
        let next = StudioHarness(draft: slow.drafts.load(), sheet: kept, journal: journal)
        await next.terminal.untilText("cells of a sweep are back")
        next.terminal.press("Alt-p")
        await next.terminal.untilText("3 of 3 cells are done")
        let finished = await journal.entries().filter { $0.status == .finished }
        #expect(Set(finished.compactMap(\.request.steps)) == [1, 100, 101])
        #expect(Set(finished.map(\.request.seeds)).count == 1)
        next.terminal.press("Ctrl-Q")
        try await next.ended()
    }

    @Test("one prompt goes to two backends and stands side by side")
    func backends() async throws {
        let studio = StudioHarness(others: [FakeGenerator(id: "second")])
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Alt-m")
        await studio.terminal.untilText("[ ] second")
        await studio.terminal.until { frame, _ in
            !frame.buffer.text.contains("is being asked")
        }
        studio.terminal.press("Down", "Space", "Enter")
        await studio.terminal.untilText("2 of 2 cells are done")
        let entries = await studio.journal.entries()
        #expect(Set(entries.map(\.request.backend)) == ["fake", "second"])
        #expect(Set(entries.map(\.request.seeds)).count == 1)
        #expect(studio.terminal.text.contains("Backends side by side"))
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("one choice of a dynamic prompt is drawn again; seed and text stay")
    func reroll() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("reroll-\(UUID().uuidString)")
        let library = FileLibrary(config: folder, depth: .trueColor)
        let studio = StudioHarness(library: library)
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Ctrl-U")
        studio.terminal.type("a {one|two|three|four} {fox|cat|owl|ape} ")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("Done in")
        studio.terminal.press("Alt-n")
        await studio.terminal.untilText("Draw again")
        studio.terminal.press("Down", "Enter")
        await studio.terminal.until { frame, _ in frame.buffer.text.contains("Done in") }
        while await studio.journal.entries().count(where: { $0.status == .finished }) < 2 {
            try await Task.sleep(for: .milliseconds(20))
        }
        let entries = await studio.journal.entries()
        let (new, old) = (entries[0].request, entries[1].request)
        #expect(new.seeds == old.seeds)
        #expect(new.prompt == old.prompt)
        let words = [new, old].map { $0.expansion?.prompt.split(separator: " ") ?? [] }
        #expect(words[0][1] == words[1][1])
        #expect(words[0][2] != words[1][2])
        #expect(entries[0].parent == entries[1].id)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("a grid is saved as one picture, over an existing file only after a question")
    func saved() async throws {
        let disk = try JournalOnDisk()
        let studio = StudioHarness(journal: try disk.studioJournal(), folder: disk.home)
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Alt-x")
        studio.terminal.type("steps=2,3")
        await studio.terminal.untilText("2 pictures")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("2 of 2 cells are done")
        studio.terminal.press("w", "Enter")
        await studio.terminal.untilText("Saved as")
        let spec = try SweepSpec.read(disk.home.appendingPathComponent("sweep.sweep.json").path)
        #expect(spec.axes.map(\.values) == [["2", "3"]])
        #expect(spec.request?.prompt == "a red fox")
        #expect(spec.request?.seeds.count == 1)
        #expect(spec.cells?.count == 2)
        let file = disk.home.appendingPathComponent("sweep.png")
        let picture = try ImageFile.read(file.path)
        #expect(picture.width > 2 * 64)
        try Data("mine".utf8).write(to: file)
        studio.terminal.press("w", "Enter")
        await studio.terminal.untilText("sweep.png exists.")
        #expect(try Data(contentsOf: file) == Data("mine".utf8))
        studio.terminal.press("Enter")
        await studio.terminal.untilText("Saved as")
        #expect(try ImageFile.read(file.path) == picture)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }
}
