import Foundation
import Generation
import History
import Screen
import Settings
import Studio
import Synchronization
import Testing

@testable import StudioRuntime

/// A service that keeps its tasks: it tells which one it was asked for.
private final class KeepingService: ImageGenerator {
    let id = "service"
    private let asked = Mutex<[String?]>([])
    private let fake = FakeGenerator(id: "service", stepDuration: .milliseconds(5))
    private let keeps: Bool

    init(keeps: Bool = true) { self.keeps = keeps }

    var tasks: [String?] { asked.withLock { $0 } }

    func capabilities(for request: GenerationRequest) async throws -> GeneratorCapabilities {
        var capabilities = try await fake.capabilities(for: request)
        capabilities.canResume = keeps
        return capabilities
    }

    func defaults(for request: GenerationRequest) async throws -> RequestDefaults {
        try await fake.defaults(for: request)
    }

    func generate(_ request: GenerationRequest, options: ExecutionOptions)
        -> AsyncThrowingStream<GenerationEvent, any Error>
    {
        asked.withLock { $0.append(options.remote.resumedTaskID) }
        return fake.generate(request, options: options)
    }
}

@Suite("Results that services still have", .timeLimit(.minutes(5)))
struct LeftJobTests {
    private static func leave(on disk: JournalOnDisk, at server: String? = nil) throws -> ULID {
        let session = disk.store.openSession(JournalOnDisk.engine)
        var request = disk.request("a left fox", seed: 5)
        request.backend = "service"
        let job = try session.queue(QueuedJob(request: request, baseURL: server))
        try session.started(job)
        try session.accepted(job, taskID: "task-9")
        session.close()
        return job
    }

    @Test("are fetched at the start, by their task, and once")
    func fetched() async throws {
        let disk = try JournalOnDisk()
        let lost = try Self.leave(on: disk)
        let service = KeepingService()
        let journal = try disk.studioJournal()
        let studio = StudioHarness(others: [service], journal: journal)
        await studio.terminal.untilText("Done in")
        #expect(service.tasks == ["task-9"])
        let entries = try await journal.entries()
        #expect(entries.map(\.status) == [.finished, .interrupted])
        #expect(entries.first?.parent == lost.description)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
        #expect(try await disk.studioJournal().leftRemote().isEmpty)
    }

    @Test("stay where they are when the service cannot give them")
    func notKept() async throws {
        let disk = try JournalOnDisk()
        _ = try Self.leave(on: disk)
        let service = KeepingService(keeps: false)
        let studio = StudioHarness(
            others: [service], terminal: VirtualTerminal(size: Size(width: 140, height: 45)),
            journal: try disk.studioJournal())
        await studio.terminal.untilText("1 job was interrupted")
        try await Task.sleep(for: .milliseconds(200))
        #expect(service.tasks.isEmpty)
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
        #expect(try await disk.studioJournal().leftRemote().map(\.task) == ["task-9"])
    }

    @Test("are fetched from the server that a job was sent to, though that backend is not offered")
    func elsewhere() async throws {
        let disk = try JournalOnDisk()
        let lost = try Self.leave(on: disk, at: "http://192.0.2.7:8188")
        let service = KeepingService()
        let studio = StudioHarness(journal: try disk.studioJournal()) { name, server in
            name == "service" && server == "http://192.0.2.7:8188" ? service : nil
        }
        await studio.terminal.untilText("Done in")
        #expect(service.tasks == ["task-9"])
        studio.terminal.press("Ctrl-Q")
        try await studio.ended()
        let index = try disk.store.index()
        let fetched = try #require(
            index.jobs(HistoryQuery()).page.first { $0.id != lost })
        let details = try disk.store.details(of: fetched)
        #expect(details.parent == lost)
        #expect(details.baseURL == "http://192.0.2.7:8188", "it can be taken up once more")
    }

    @Test("of a session that came from elsewhere are not asked for at the address it names")
    func imported() async throws {
        let disk = try JournalOnDisk()
        _ = try Self.leave(on: disk, at: "http://192.0.2.7:8188")
        let sessions = disk.folders.sessions
        for name in try FileManager.default.contentsOfDirectory(atPath: sessions.path)
        where name.hasSuffix(".jsonl") {
            let other = String(name.dropLast(".jsonl".count)) + JournalStore.importedSuffix
            try FileManager.default.moveItem(
                at: sessions.appendingPathComponent(name),
                to: sessions.appendingPathComponent(other))
        }
        let journal = try disk.studioJournal()
        _ = try await journal.recoverInterrupted()
        #expect(try await journal.leftRemote().isEmpty)
    }
}
