import FakeServers
import Foundation
import Generation
import Providers
import Testing

/// Jobs of ComfyUI that fail, are stopped, or are found again.
@Suite struct ComfyUIJobTests {
    private let service = ComfyUI()

    @Test func aLostSocketCostsOnlyTheBar() async throws {
        let fake = try await FakeComfyUI.start()
        fake.behave { $0.dropsSocket = true }
        let run = try await ServerRun.run(.small(seeds: [1, 2]), service, at: fake.baseURL)
        #expect(run.isFinished)
        #expect(run.images.map(\.seed) == [1, 2])
        fake.server.inject(.status(404), times: 9, on: "GET /ws")
        let none = try await ServerRun.run(.small(), service, at: fake.baseURL)
        #expect(none.isFinished)
        await fake.stop()
    }

    @Test func aHistoryThatComesLateIsWaitedFor() async throws {
        let fake = try await FakeComfyUI.start()
        fake.behave { $0.historyDelay = .milliseconds(120) }
        let run = try await ServerRun.run(.small(), service, at: fake.baseURL)
        #expect(run.isFinished)
        #expect(run.images.count == 1)
        await fake.stop()
    }

    @Test func aNodeThatFailsIsNamedAndTheRestLeavesTheQueue() async throws {
        let fake = try await FakeComfyUI.start()
        fake.behave {
            $0.failure = "CUDA out of memory\u{1B}[31m\nmore"
            $0.pace = .milliseconds(20)
        }
        let run = try await ServerRun.run(.small(seeds: [1, 2, 3]), service, at: fake.baseURL)
        #expect(run.remoteError?.kind == .failed)
        #expect(run.remoteError?.summary.contains("KSampler: CUDA out of memory") == true)
        #expect(run.allText.contains("\u{1B}") == false)
        let deleted = fake.server.requests("POST /queue").first?.json?["delete"]?.elements
        #expect(deleted?.count == 2)
        await fake.stop()
    }

    @Test func cancelInterruptsOursAndDeletesTheRest() async throws {
        let fake = try await FakeComfyUI.start()
        fake.behave { $0.pace = .milliseconds(50) }
        var request = GenerationRequest.small(seeds: [1, 2])
        request.steps = 100
        let generator = try ServerRun.generator(service, at: fake.baseURL)
        let wanted = request
        let task = Task {
            for try await event in generator.generate(wanted, options: ExecutionOptions()) {
                if case .stage(.sampling(2..., _, _, _)) = event { return }
            }
        }
        try await task.value
        #expect(
            await fake.server.waitForRequests { requests in
                requests.contains { $0.line == "POST /interrupt" }
            })
        await generator.settle()
        let interrupted = fake.server.requests("POST /interrupt").first?.json?["prompt_id"]?.text
        #expect(interrupted == fake.server.requests("POST /prompt").first?.json?["prompt_id"]?.text)
        let deleted = fake.server.requests("POST /queue").first?.json?["delete"]?.elements
        #expect(deleted?.count == 2)
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test func whatOnlyWaitsIsDeletedAndNothingInterrupted() async throws {
        let fake = try await FakeComfyUI.start()
        fake.behave { $0.isStuck = true }
        let generator = try ServerRun.generator(service, at: fake.baseURL)
        let task = Task {
            for try await event in generator.generate(.small(), options: ExecutionOptions()) {
                if case .stage(.queued(.some(_))) = event { return }
            }
        }
        try await task.value
        await generator.settle()
        #expect(fake.queue.isEmpty)
        #expect(fake.server.requests("POST /interrupt").isEmpty)
        await fake.stop()
    }

    @Test func aPostWhoseAnswerIsLostIsNotRepeated() async throws {
        let fake = try await FakeComfyUI.start()
        fake.server.inject(.resetAfterWork, on: "POST /prompt")
        let run = try await ServerRun.run(.small(), service, at: fake.baseURL)
        #expect(run.isFinished)
        #expect(fake.server.requests("POST /prompt").count == 1)
        fake.server.inject(.resetBeforeResponse, on: "POST /prompt")
        let second = try await ServerRun.run(.small(), service, at: fake.baseURL)
        #expect(second.isFinished)
        let posts = fake.server.requests("POST /prompt").dropFirst()
        #expect(posts.count == 2)
        #expect(Set(posts.map { $0.json?["prompt_id"]?.text }).count == 1)
        await fake.stop()
    }

    @Test func aResultIsFetchedLaterByItsIdentifier() async throws {
        let fake = try await FakeComfyUI.start()
        var options = ExecutionOptions()
        options.remote.leavesWhenAccepted = true
        let request = GenerationRequest.small(seeds: [31, 32])
        let left = try await ServerRun.run(
            request, service, at: fake.baseURL, options: options)
        let taskID = try #require(left.taskID)
        #expect(left.images.isEmpty)
        var resumed = ExecutionOptions()
        resumed.remote.resumedTaskID = taskID
        let run = try await ServerRun.run(
            request, service, at: fake.baseURL, options: resumed)
        #expect(run.images.map(\.seed) == [31, 32])
        #expect(fake.server.requests("POST /prompt").count == 2)
        resumed.remote.resumedTaskID = "00000000-0000-4000-8000-000000000000"
        let unknown = try await ServerRun.run(
            request, service, at: fake.baseURL, options: resumed)
        #expect(unknown.remoteError?.kind == .notFound)
        await fake.stop()
    }
}
