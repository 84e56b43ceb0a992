import FakeServers
import Foundation
import Generation
import Providers
import Testing

/// Jobs that a service has taken, and that we lose sight of: they are told to be there still.
@Suite(.serialized) struct KeptTaskTests {
    private func lost(
        _ run: RemoteRun, _ kind: RemoteError.Kind,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = run.error as? RemoteError
        #expect(error?.kind == kind, sourceLocation: sourceLocation)
        #expect(error?.isResumable == true, sourceLocation: sourceLocation)
        #expect(
            error?.hint?.contains("history resume") == true, "\(error?.hint ?? "")",
            sourceLocation: sourceLocation)
    }

    @Test func aDeadlineDoesNotEndTheTask() async throws {
        let fake = try await FakeImagePipeline.start()
        fake.behave { $0.isStuck = true }
        let generator = try RemoteRun.generator(fake) { $0.deadline = .seconds(3) }
        lost(await RemoteRun.run(generator, GenerationRequest(prompt: "x")), .timedOut)
        await fake.stop()
    }

    @Test(arguments: [401, 429, 500, 502, 503])
    func whatHindersTheQuestionsDoesNotEndTheTask(status: Int) async throws {
        let fake = try await FakeSDServer.start()
        fake.behave { $0.isStuck = true }
        fake.server.inject(.status(status, "{}"), times: 99, on: "GET /sdcpp/v1/jobs")
        let run = try await RemoteRun.run(fake) { $0.seeds = [1] }
        let kinds = [401: RemoteError.Kind.key, 429: .limited]
        lost(run, kinds[status] ?? .service)
        await fake.stop()
    }

    @Test func aServerThatGoesAwayMayComeBack() async throws {
        let fake = try await FakeImagePipeline.start()
        fake.behave { $0.isStuck = true }
        let generator = try RemoteRun.generator(fake)
        async let run = RemoteRun.run(generator, GenerationRequest(prompt: "x"))
        #expect(await fake.server.hasReceived("GET /sdxl/text2image/v1/status"))
        await fake.stop()
        lost(await run, .connection)
    }

    @Test func aMissingKeyDoesNotEndATaskThatIsFetched() async throws {
        let fake = try await FakeImagePipeline.start()
        let generator = try RemoteRun.generator(
            kind: "imagepipeline", baseURL: fake.baseURL, key: nil)
        var options = ExecutionOptions()
        options.remote.resumedTaskID = "job-1"
        lost(await RemoteRun.run(generator, GenerationRequest(prompt: "x"), options), .key)
        await fake.stop()
    }

    /// Whoever fetches a result may be stopped too: the task is told first, once.
    @Test(arguments: ["inferencesh", "imagepipeline", "segmind", "comfyui", "sdserver"])
    func whatIsFetchedIsAcceptedAtOnce(kind: String) async throws {
        let services = try await FakeServiceList.start(1, of: kind)
        let fake = try #require(services.first)
        fake.server.inject(.noResponse, times: 9, on: "GET ")
        let generator = try RemoteRun.generator(fake) { $0.deadline = .seconds(1) }
        var options = ExecutionOptions()
        let task =
            kind == "segmind"
            ? "\(fake.baseURL)/a \(fake.baseURL)/b" : "7d0f3e90-0000-4000-8000-000000000001"
        options.remote.resumedTaskID = task
        var request = GenerationRequest(prompt: "x")
        if kind == "segmind" { request.extras["async"] = "true" }
        let run = await RemoteRun.run(generator, request, options)
        let told = run.events.filter { if case .accepted = $0 { true } else { false } }
        #expect(told == [.accepted(taskID: task)])
        lost(run, .timedOut)
        await fake.stop()
    }

    @Test func whatEndsTheTaskIsAFailure() async throws {
        let fake = try await FakeImagePipeline.start()
        fake.behave { $0.failure = ("error", "no") }
        let failed = try await RemoteRun.run(fake)
        #expect((failed.error as? RemoteError)?.isResumable == false)
        let unknown = try await FakeSDServer.start()
        unknown.server.inject(.status(404, "{}"), times: 99, on: "GET /sdcpp/v1/jobs")
        let gone = try await RemoteRun.run(unknown) { $0.seeds = [1] }
        #expect((gone.error as? RemoteError)?.isResumable == false)
        await fake.stop()
        await unknown.stop()
    }

    /// A call that blocks has no task to come back for.
    @Test func aBlockingCallIsNotKept() async throws {
        let fake = try await FakeOctoAI.start()
        fake.server.inject(.noResponse, times: 9, on: "POST ")
        let generator = try RemoteRun.generator(fake) { $0.deadline = .milliseconds(300) }
        let run = await RemoteRun.run(generator, GenerationRequest(prompt: "x"))
        #expect((run.error as? RemoteError)?.isResumable == false)
        #expect(!run.text.contains("history resume"))
        await fake.stop()
    }
}
