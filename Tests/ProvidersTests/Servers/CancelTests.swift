import FakeServers
import Foundation
import Generation
import Providers
import Settings
import Testing

/// Stopping reaches every service at once, from the call that stops a job to the whole request at the
/// server; the bound is for a busy machine, and far below what the work itself takes.
@Suite(.serialized) struct CancelTests {
    static let limit = Duration.seconds(5)

    struct Row: Sendable, CustomTestStringConvertible {
        let kind: BackendKind
        /// A request whose arrival shows that the work is under way.
        let working: String
        /// What tells the service to stop.
        let told: String
        /// Starts a service whose work does not end.
        let start: @Sendable () async throws -> any FakeService
        var testDescription: String { kind.rawValue }
    }

    static let rows = [
        Row(
            kind: .inferencesh, working: "GET /tasks/task1/stream",
            told: "POST /tasks/task1/cancel"
        ) {
            let fake = try await FakeInference.start()
            fake.behave { $0.outcome = .never }
            return fake
        },
        Row(
            kind: .a1111, working: "GET /sdapi/v1/progress", told: "POST /sdapi/v1/interrupt"
        ) {
            let fake = try await FakeA1111.start()
            fake.behave { $0.pace = .milliseconds(50) }
            return fake
        },
        Row(kind: .comfyui, working: "GET /history", told: "POST /interrupt") {
            let fake = try await FakeComfyUI.start()
            fake.behave { $0.pace = .milliseconds(50) }
            return fake
        },
        Row(
            kind: .sdserver, working: "GET /sdcpp/v1/jobs/job_1",
            told: "POST /sdcpp/v1/jobs/job_1/cancel"
        ) {
            let fake = try await FakeSDServer.start()
            fake.behave { $0.isStuck = true }
            return fake
        },
    ]

    @Test func everyKindThatCanBeStoppedIsHere() {
        let able = ServiceRegistry.services.filter { $0.capabilities(model: nil).canCancel }
        #expect(Set(able.map(\.profile.kind)) == Set(Self.rows.map(\.kind)))
    }

    @Test(arguments: rows) func theServiceHearsIt(row: Row) async throws {
        let fake = try await row.start()
        let time = try await time(fake, request(row.kind), working: row.working) { since in
            fake.server.requests(row.told).map(\.arrival).first { $0 >= since }
        }
        #expect(time <= Self.limit)
        #expect(fake.server.requests(row.told).count == 1)
        await fake.stop()
    }

    /// Services without a cancel of their own notice that nobody waits any longer.
    @Test(arguments: [BackendKind.octoai, .segmind, .openai])
    func aBlockingCallIsHungUp(kind: BackendKind) async throws {
        let fake: any FakeService =
            switch kind {
            case .octoai: try await FakeOctoAI.start()
            case .segmind: try await FakeSegmind.start()
            default: try await FakeOpenAI.start()
            }
        fake.server.inject(.noResponse, on: "POST")
        let time = try await time(fake, request(kind), working: "POST ") { since in
            fake.server.closings.first { $0 >= since }
        }
        #expect(time <= Self.limit)
        #expect(fake.server.requests("POST ").count == 1)
        await fake.stop()
    }

    private func request(_ kind: BackendKind) -> GenerationRequest {
        var request = GenerationRequest(prompt: "x")
        if [.a1111, .comfyui, .sdserver].contains(kind) {
            request = .small(seeds: [1])
            request.steps = 1000
        }
        return request
    }

    /// The time from stopping to what `sign` finds at the server.
    private func time(
        _ fake: any FakeService, _ request: GenerationRequest, working: String,
        _ sign: (ContinuousClock.Instant) -> ContinuousClock.Instant?
    ) async throws -> Duration {
        let generator = try RemoteRun.generator(fake)
        let run = Task { await RemoteRun.run(generator, request) }
        #expect(await fake.server.hasReceived(working))
        let start = ContinuousClock.now
        run.cancel()
        var seen = sign(start)
        while seen == nil, ContinuousClock.now - start < .seconds(30) {
            try await Task.sleep(for: .milliseconds(1))
            seen = sign(start)
        }
        _ = await run.value
        await generator.settle()
        return try #require(seen) - start
    }
}
