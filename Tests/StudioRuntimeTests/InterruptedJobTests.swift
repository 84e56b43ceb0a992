import Generation
import History
import Screen
import Studio
import Testing

@testable import StudioRuntime

@Suite("Jobs of a program that is gone", .timeLimit(.minutes(5)))
struct InterruptedJobTests {
    @Test("they are told at the start, shown as interrupted, and run again with their seeds")
    func again() async throws {
        let disk = try JournalOnDisk()
        let lost = try disk.interruptedJob("a lost fox", seed: 77)
        let journal = try disk.studioJournal()
        let studio = StudioHarness(
            terminal: VirtualTerminal(size: Size(width: 140, height: 45)), journal: journal)
        await studio.terminal.untilText("1 job was interrupted")
        await studio.terminal.untilText("interrupted · seed 77")
        studio.terminal.press("Alt-5", "a")
        await studio.terminal.untilText("Done in")
        let entries = try await journal.entries()
        #expect(entries.map(\.status) == [.finished, .interrupted])
        #expect(entries.first?.request.seeds == [77])
        #expect(entries.first?.request.prompt == "a lost fox")
        #expect(entries.first?.parent == lost.description)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
        // The next start has nothing to tell.
        #expect(try await disk.studioJournal().recoverInterrupted() == 0)
    }

    @Test("jobs of a program that still runs are left alone")
    func alive() async throws {
        let disk = try JournalOnDisk()
        let session = disk.store.openSession(JournalOnDisk.engine)
        defer { session.close() }
        try session.started(try session.queue(QueuedJob(request: disk.request("busy", seed: 1))))
        let journal = try disk.studioJournal()
        #expect(try await journal.recoverInterrupted() == 0)
        #expect(try await journal.entries().map(\.status) == [.running])
    }
}
