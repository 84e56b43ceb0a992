import FakeServers
import Foundation
import Generation
import Providers
import Testing

@Suite(.serialized) struct BackendGroupTests {
    private func member(_ fake: any FakeService, _ id: String) throws -> RemoteGenerator {
        try RemoteRun.generator(fake) {
            $0.id = id
            $0.slots = JobSlots(1)
        }
    }

    @Test func jobsSpreadOverTheMembers() async throws {
        let fakes = [try await FakeOctoAI.start(), try await FakeOctoAI.start()]
        // Long enough that none falls behind by a whole job on a busy machine.
        for fake in fakes { fake.behave { $0.pace = .seconds(1) } }
        let group = BackendGroup(
            id: "both",
            members: try fakes.enumerated().map { try member($1, "m\($0)") }, places: [1, 1])
        await withTaskGroup(of: RemoteRun.self) { tasks in
            for seed in 1...6 {
                tasks.addTask {
                    var request = GenerationRequest(prompt: "x")
                    request.seeds = [UInt64(seed)]
                    return await RemoteRun.run(group, request)
                }
            }
            for await run in tasks { #expect(run.images.count == 1) }
        }
        #expect(fakes.allSatisfy { $0.server.requests("POST ").count == 3 })
        for fake in fakes { await fake.stop() }
    }

    @Test(arguments: [401, 402, 429, 500])
    func aMemberThatRefusesIsRestedAndItsJobMovesOn(status: Int) async throws {
        let (bad, good) = (try await FakeOctoAI.start(), try await FakeOctoAI.start())
        bad.server.inject(.status(status, "{}"), times: 99, on: "POST ")
        let group = BackendGroup(
            id: "both", members: [try member(bad, "bad"), try member(good, "good")],
            places: [1, 1])
        let first = await RemoteRun.run(group, GenerationRequest(prompt: "x"))
        #expect(first.images.count == 1)
        #expect(first.warnings.contains { $0.contains("bad is rested") })
        let before = bad.server.requests("POST ").count
        let second = await RemoteRun.run(group, GenerationRequest(prompt: "x"))
        #expect(second.images.count == 1)
        #expect(bad.server.requests("POST ").count == before, "it was not left to rest")
        await bad.stop()
        await good.stop()
    }

    @Test func aJobThatMayBeBilledDoesNotMove() async throws {
        let (bad, good) = (try await FakeOctoAI.start(), try await FakeOctoAI.start())
        bad.server.inject(.resetAfterWork, on: "POST ")
        let group = BackendGroup(
            id: "both", members: [try member(bad, "bad"), try member(good, "good")],
            places: [1, 1])
        let run = await RemoteRun.run(group, GenerationRequest(prompt: "x"))
        #expect((run.error as? RemoteError)?.mayBeBilled == true)
        #expect(good.server.requests("POST ").isEmpty)
        await bad.stop()
        await good.stop()
    }

    @Test func aJobThatWasAcceptedDoesNotMove() async throws {
        let (bad, good) = (try await FakeInference.start(), try await FakeInference.start())
        bad.behave { $0.outcome = .failed("broken") }
        let group = BackendGroup(
            id: "both", members: [try member(bad, "bad"), try member(good, "good")],
            places: [1, 1])
        let run = await RemoteRun.run(group, GenerationRequest(prompt: "x"))
        #expect(run.kind == .failed)
        #expect(good.server.requests.isEmpty)
        await bad.stop()
        await good.stop()
    }
}
