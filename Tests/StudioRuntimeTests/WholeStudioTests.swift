import Generation
import Screen
import Studio
import Synchronization
import Terminal
import Testing

@testable import StudioRuntime

@Suite("The whole studio without a screen", .timeLimit(.minutes(5)))
struct WholeStudioTests {
    @Test("Enter gives a picture and a history entry; Ctrl-Q ends")
    func picture() async throws {
        let studio = StudioHarness()
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Enter")
        await studio.terminal.until { frame, graphics in
            frame.buffer.text.contains("Done in") && !graphics.isEmpty
                && graphics.contains { $0.key.hasPrefix("job 1 0 ") && !$0.key.contains("step") }
        }
        #expect(studio.terminal.text.contains("64×64"))
        let entries = await studio.journal.entries()
        #expect(entries.map(\.status) == [.finished])
        #expect(entries.first?.pictures.count == 1)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
        #expect(studio.terminal.calls.last == "close")
    }

    @Test("a tick that comes late does not turn the clock back")
    func lateTick() async throws {
        let rest = Mutex(0.0)
        let clock = StudioDependencies.clock
        let studio = StudioHarness(clock: { clock() + rest.withLock { $0 } })
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("Done in")
        rest.withLock { $0 = 5000 }
        studio.terminal.press("Enter")
        await studio.terminal.untilText("1/2")
        await studio.terminal.untilText("Done in")
        #expect(!studio.terminal.text.contains("Done in 1 h"))
        #expect(!studio.terminal.text.contains("about 1 h"))
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("where pictures are off, the pane says so")
    func off() async throws {
        let studio = StudioHarness(graphics: .none)
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("Pictures are off")
        #expect(studio.terminal.graphics.isEmpty)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("what is to be said at the start stands in the status line")
    func notice() async throws {
        let studio = StudioHarness(notice: "tmux shows no sixel pictures here")
        await studio.terminal.untilText("tmux shows no sixel pictures here")
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("live previews are shown while a job runs, and Ctrl-C stops it")
    func previewAndCancel() async throws {
        let studio = StudioHarness(generator: FakeGenerator(stepDuration: .seconds(1)))
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Enter")
        await studio.terminal.until { _, graphics in graphics.contains { $0.key.contains("step") } }
        studio.terminal.press("Ctrl-C")
        await studio.terminal.untilText("Stopped")
        let entries = await studio.journal.entries()
        #expect(entries.map(\.status) == [.cancelled])
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("a failure is told in the status line and kept in the history")
    func failure() async throws {
        let studio = StudioHarness(
            generator: FakeGenerator(failure: (step: 2, summary: "out of memory")))
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("out of memory (this is a fake backend)")
        #expect(await studio.journal.entries().first?.status == .failed)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("nothing is presented while nothing happens, and typing presents once a key at most")
    func idle() async throws {
        let studio = StudioHarness()
        await studio.terminal.untilText("64×64")
        // What the start still has to show may come late on a busy machine; then it is quiet.
        var before = -1
        for _ in 0..<60 where studio.terminal.presented != before {
            before = studio.terminal.presented
            try await Task.sleep(for: .milliseconds(500))
        }
        #expect(studio.terminal.presented == before)
        studio.terminal.type(String(repeating: "x", count: 50))
        await studio.terminal.untilText(String(repeating: "x", count: 20))
        #expect(studio.terminal.presented <= before + 50)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test(
        "a picture is sent once; typing under it sends none",
        arguments: [GraphicsProtocol.blocks, .sixel, .kitty])
    func pictureOnce(graphics: GraphicsProtocol) async throws {
        let studio = StudioHarness(graphics: graphics)
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Enter")
        await studio.terminal.until { frame, graphics in
            frame.buffer.text.contains("Done in") && !graphics.isEmpty
                && graphics.allSatisfy { !$0.key.contains("step") }
        }
        // The small picture in the history comes last.
        await studio.terminal.until { _, graphics in
            graphics.contains { $0.key.hasPrefix("small ") }
        }
        let sent = studio.terminal.sentPictures
        studio.terminal.type(" in the snow")
        await studio.terminal.untilText("in the snow")
        #expect(studio.terminal.sentPictures == sent)
        studio.terminal.press("F1")
        await studio.terminal.until { _, graphics in graphics.isEmpty }
        studio.terminal.press("Esc")
        await studio.terminal.until { _, graphics in graphics.count == 2 }
        #expect(studio.terminal.sentPictures == sent + 2)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("a job that begins after an hour without one is not said to have taken the hour")
    func idleBefore() async throws {
        let slept = Mutex(0.0)
        let clock = StudioDependencies.clock
        let studio = StudioHarness(clock: { clock() + slept.withLock { $0 } })
        await studio.terminal.untilText("a red fox")
        slept.withLock { $0 = 3600 }
        studio.terminal.press("Enter")
        await studio.terminal.untilText("Done in")
        #expect(!studio.terminal.text.contains("Done in 1 h"))
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("a hang-up ends the studio, stops the job and keeps the draft")
    func hangUp() async throws {
        let studio = StudioHarness(generator: FakeGenerator(stepDuration: .seconds(60)))
        await studio.terminal.untilText("a red fox")
        studio.terminal.type(" at dusk")
        studio.terminal.press("Enter", "Enter")
        await studio.terminal.untilText("Queued behind 1")
        studio.terminal.send(.hungUp)
        try await studio.ended()
        #expect(studio.drafts.load()?.prompt == "a red fox at dusk")
        #expect(studio.drafts.load()?.waiting.count == 1)
        #expect(await studio.journal.entries().first?.status == .cancelled)
    }

    @Test("a draft comes back")
    func draft() async throws {
        var request = GenerationRequest(prompt: "")
        request.backend = "fake"
        request.steps = 9
        let draft = Draft(prompt: "kept words", negative: "blurry", request: request)
        let studio = StudioHarness(draft: draft)
        await studio.terminal.untilText("kept words")
        await studio.terminal.untilText("9 steps")
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("the text comes back from the user's editor")
    func editor() async throws {
        let studio = StudioHarness(editor: "sed -i s/fox/owl/")
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Alt-e")
        await studio.terminal.untilText("a red owl")
        #expect(studio.terminal.calls.contains("suspend"))
        #expect(studio.terminal.calls.contains("resume"))
        studio.terminal.press("Ctrl-_")
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("on a slow terminal previews are left out and typing still arrives")
    func slowTerminal() async throws {
        let studio = StudioHarness(
            generator: FakeGenerator(stepDuration: .milliseconds(25)),
            draft: {
                var request = GenerationRequest(prompt: "")
                request.backend = "fake"
                request.steps = 100
                return Draft(prompt: "a", negative: "", request: request)
            }(), terminal: VirtualTerminal(frameDuration: .milliseconds(30)))
        await studio.terminal.untilText("100 steps")
        let start = ContinuousClock.now
        studio.terminal.press("Enter")
        await studio.terminal.until { _, graphics in graphics.contains { $0.key.contains("step") } }
        studio.terminal.type("bcdefgh")
        await studio.terminal.untilText("abcdefgh")
        await studio.terminal.untilText("Done in")
        // Each takes 30 ms, and as long again is left to the text. The last ones are no previews.
        let room = (ContinuousClock.now - start) / Duration.milliseconds(60)
        #expect(studio.terminal.sentPictures < 100)
        #expect(Double(studio.terminal.sentPictures) <= room + 3)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }

    @Test("a storm of resizes ends with the last size")
    func resizes() async throws {
        let studio = StudioHarness()
        await studio.terminal.untilText("a red fox")
        for width in [1, 500, 60, 3, 90, 200] {
            studio.terminal.send(.resized(Size(width: width, height: width / 3), cellPixels: nil))
        }
        studio.terminal.send(.resized(Size(width: 100, height: 30), cellPixels: nil))
        await studio.terminal.until { frame, _ in frame.buffer.size == Size(width: 100, height: 30)
        }
        #expect(studio.terminal.text.contains("a red fox"))
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
    }
}
