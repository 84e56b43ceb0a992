import Generation
import Screen
import Testing

@testable import Studio

@Suite("Replay in the history pane")
struct ReplayPaneTests {
    private static func studio() -> StudioDriver {
        var studio = StudioDriver(backends: ["fake", "other"], width: 140, height: 45)
        var entries = (1...4).reversed().map {
            StudioDriver.entry("\($0)", "prompt \($0)", date: Double($0))
        }
        entries[0].status = .failed
        entries[1].request.backend = "other"
        for index in entries.indices { entries[index].session = "s.jsonl" }
        studio.send(.history(entries))
        studio.press("Alt-5")
        studio.effects = []
        return studio
    }

    @Test("one entry runs as a job of its backend, and its verdict stands beside it")
    func one() {
        var studio = Self.studio()
        studio.press("End", "R")
        guard case .start(let job, nil)? = studio.takeEffects().last else {
            Issue.record("nothing started")
            return
        }
        #expect(job.replays == ["1"])
        #expect(job.request.backend == "fake")
        studio.send(.job(job.id, .replaying(entry: "1"), at: 1))
        studio.send(
            .job(job.id, .stage(.sampling(step: 3, count: 12, image: 0, imageCount: 1)), at: 2))
        #expect(studio.screen.buffer.text.contains("replaying, step 3/12"))
        #expect(studio.screen.buffer.text.contains("Replay of an entry"))
        studio.send(
            .job(job.id, .replayed(entry: "1", EntryReplay(.close, "PSNR 48.2 dB")), at: 3))
        studio.send(.job(job.id, .finished(GenerationSummary()), at: 3))
        #expect(studio.screen.buffer.text.contains("≈ close: PSNR 48.2 dB"))
        #expect(studio.state.status == StatusMessage(.warning, "Replay: 1 close"))
        #expect(studio.state.queue.jobs.isEmpty)
        #expect(studio.state.lastSeeds.isEmpty)
    }

    @Test("a session: one job a backend, entries that did not finish cannot")
    func session() {
        var studio = Self.studio()
        studio.press("W")
        #expect(studio.screen.buffer.text.contains("all 3 finished entries of s"))
        studio.press("Enter")
        #expect(studio.state.queue.jobs.map(\.replays) == [["1", "2"], ["3"]])
        #expect(studio.state.queue.running.count == 2)
        studio.press("Home", "R")
        #expect(studio.state.replays["4"]?.state == .cannot)
        #expect(studio.state.status?.text.contains("did not finish: failed") == true)
    }

    @Test("stopping keeps what was compared and forgets the rest")
    func stopping() {
        var studio = Self.studio()
        studio.press("W", "Enter")
        studio.send(.job(1, .replaying(entry: "1"), at: 1))
        studio.send(.job(1, .replayed(entry: "1", EntryReplay(.identical)), at: 2))
        studio.send(.job(1, .replaying(entry: "2"), at: 3))
        studio.press("Alt-6", "Home", "d")
        studio.send(.job(1, .cancelled, at: 4))
        #expect(studio.state.replays["1"]?.state == .identical)
        #expect(studio.state.replays["2"] == nil)
        #expect(studio.state.replays["3"]?.state == .waiting)
    }

    @Test("a waiting replay that is removed is forgotten; it has nothing to edit")
    func removing() {
        var studio = Self.studio()
        studio.press("Alt-p", "End", "R", "Alt-6", "e")
        #expect(studio.state.queue.jobs.count == 1)
        #expect(studio.state.status?.text.contains("nothing to edit") == true)
        studio.press("d")
        #expect(studio.state.queue.jobs.isEmpty)
        #expect(studio.state.replays.isEmpty)
    }

    @Test("the details have the whole verdict")
    func details() {
        var studio = Self.studio()
        studio.press("End")
        studio.state.replays["1"] = EntryReplay(
            .different, "PSNR 9 dB",
            details: ["different PSNR 9.0 dB: model hash: aa was recorded, now bb"])
        studio.press("i")
        #expect(studio.screen.buffer.text.contains("Replay: different"))
        #expect(studio.screen.buffer.text.contains("model hash: aa"))
    }
}
