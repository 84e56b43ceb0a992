import FakeServers
import Foundation
import Generation
import Providers
import Testing

/// Where a protocol's description leaves a question open, both answers work. Those that are about
/// fields, envelopes and streams stand with the services' own tests.
@Suite(.serialized) struct AssumptionTests {
    /// imagepipeline.io: under which key the words of a FAILURE stand.
    @Test(arguments: ["error", "message", "detail", "error_message", "why"])
    func theWordsOfAFailureAreFoundUnderEveryKey(key: String) async throws {
        let fake = try await FakeImagePipeline.start()
        fake.behave { $0.failure = (key, "NSFW \u{1B}[2Jcontent") }
        let run = try await RemoteRun.run(fake)
        #expect(run.kind == .failed)
        #expect(run.text.contains("NSFW") && run.text.contains("content"))
        #expect(!run.text.contains("\u{1B}"))
        await fake.stop()
    }

    /// imagepipeline.io: the submission may answer any of the three words.
    @Test func aSubmissionMayBeAnsweredWithTheResult() async throws {
        let fake = try await FakeImagePipeline.start()
        fake.behave { $0.pendingPolls = 0 }
        let done = try await RemoteRun.run(fake) { $0.seeds = [7, 8] }
        #expect(done.images.count == 2)
        #expect(done.taskID == "job-1")
        #expect(fake.server.requests("GET ").isEmpty)
        fake.behave { $0.failure = ("error", "no") }
        #expect(try await RemoteRun.run(fake).kind == .failed)
        #expect(fake.server.requests("GET ").isEmpty)
        await fake.stop()
    }

    /// imagepipeline.io: a word that nobody knows is waited on until the deadline.
    @Test(arguments: ["QUEUED", "processing", "", "RETRYING"])
    func unknownWordsAreFollowedUntilTheDeadline(word: String) async throws {
        let fake = try await FakeImagePipeline.start()
        fake.behave { $0.statusWord = word }
        let generator = try RemoteRun.generator(fake) { $0.deadline = .seconds(3) }
        let run = await RemoteRun.run(generator, GenerationRequest(prompt: "x"))
        #expect(run.kind == .timedOut)
        #expect(fake.server.requests("GET ").count > 2)
        #expect(fake.server.requests("POST ").count == 1)
        await fake.stop()
    }

    /// imagepipeline.io: identifiers may be numbers, and words in lower case.
    @Test func numbersAsIdentifiersAreTaken() async throws {
        let fake = try await FakeImagePipeline.start()
        fake.server.inject(.status(200, #"{"id": 17, "status": "pending"}"#), on: "POST ")
        let link = fake.files.hold(
            FakePicture.bytes(width: 8, height: 8, seed: 1), type: "image/png", at: "/a.png")
        fake.server.inject(
            .status(200, #"{"status": "success", "download_urls": ["\#(link)"]}"#), on: "GET ")
        let run = try await RemoteRun.run(fake)
        #expect(run.images.count == 1)
        #expect(run.taskID == "17")
        #expect(fake.server.requests("GET ").first?.path == "/sdxl/text2image/v1/status/17")
        await fake.stop()
    }

    /// segmind: without the header of credits, and with odd ones.
    @Test(arguments: ["", "many", "-3", "1e400", "12", " 7.25 "])
    func oddCreditsHarmNothing(text: String) async throws {
        let fake = try await FakeSegmind.start()
        fake.behave { $0.credits = nil }
        fake.server.inject(.headers([("x-remaining-credits", text)]), on: "POST ")
        let run = try await RemoteRun.run(fake)
        #expect(run.images.count == 1)
        let expected: [String: Double] = ["12": 12, " 7.25 ": 7.25, "-3": -3]
        #expect(run.summary?.remainingCredits == expected[text])
        await fake.stop()
    }

    /// segmind: fields may be refused with 400 or 422; `error` may be text or no JSON at all.
    @Test(arguments: [400, 422], [#"{"error": "bad steps"}"#, "bad steps"])
    func refusalsAreRead(status: Int, body: String) async throws {
        let fake = try await FakeSegmind.start()
        fake.server.inject(.status(status, body, type: "text/plain"), on: "POST ")
        let run = try await RemoteRun.run(fake)
        #expect(run.kind == .refused)
        #expect(run.text.contains("bad steps"))
        await fake.stop()
    }

    /// segmind v2: `output` is a link, a list of links, or base64.
    @Test func everyFormOfAnOutputIsRead() async throws {
        let fake = try await FakeSegmind.start()
        fake.behave { $0.pendingPolls = 0 }
        let link = fake.files.hold(
            FakePicture.bytes(width: 8, height: 8, seed: 1), type: "image/png", at: "/a.png")
        let base64 = FakePicture.base64(width: 8, height: 8, seed: 2)
        for (output, count) in [("\"\(link)\"", 1), ("[\"\(link)\"]", 1), ("\"\(base64)\"", 1)] {
            fake.server.inject(
                .status(200, #"{"status": "COMPLETED", "output": \#(output)}"#),
                where: { $0.path.hasSuffix("/response") })
            let run = try await RemoteRun.run(fake) { $0.extras["async"] = "true" }
            #expect(run.images.count == count, "\(output.prefix(20))")
        }
        for output in ["null", "[]", "{}", "\"\"", "[null]", "7"] {
            fake.server.inject(
                .status(200, #"{"status": "COMPLETED", "output": \#(output)}"#),
                where: { $0.path.hasSuffix("/response") })
            let run = try await RemoteRun.run(fake) { $0.extras["async"] = "true" }
            #expect(run.error is any UserFacingError, "\(output)")
        }
        await fake.stop()
    }

    /// Numbers as texts, nulls and unknown names where OctoAI answers with objects.
    @Test func oddAnswersOfOctoAIAreReadAsFarAsTheyGo() async throws {
        let fake = try await FakeOctoAI.start()
        let picture = FakePicture.base64(width: 8, height: 8, seed: 1)
        fake.server.inject(
            .status(
                200,
                """
                {"images": [{"image_b64": "data:image/png;base64,\(picture)", "seed": "17",
                "removed_for_safety": "false", "safety_score": null, "odd": {}}]}
                """), on: "POST ")
        let run = try await RemoteRun.run(fake) { $0.seeds = [5] }
        #expect(run.images.map(\.seed) == [17])
        fake.server.inject(.status(200, #"{"images": [{"image_b64": null}]}"#), on: "POST ")
        #expect(try await RemoteRun.run(fake).kind == .withheld)
        await fake.stop()
    }

    /// Whole numbers are written without a fraction on every wire.
    @Test func wholeNumbersAreWrittenAsSuch() async throws {
        let fake = try await FakeOctoAI.start()
        _ = try await RemoteRun.run(fake) {
            $0.steps = 30
            $0.guidanceScale = 7
            $0.seeds = [4_294_967_295]
        }
        let body = try #require(fake.server.requests("POST ").first?.json)
        #expect(body["steps"]?.literal == "30")
        #expect(body["cfg_scale"]?.literal == "7")
        #expect(body["seed"]?.literal == "4294967295")
        await fake.stop()
    }

    /// Words of states that nobody knows: the work is followed on.
    @Test(arguments: ["segmind", "sdserver"])
    func unknownStatesAreFollowed(kind: String) async throws {
        let services = try await FakeServiceList.start(1, of: kind)
        let fake = try #require(services.first)
        let asks = kind == "segmind" ? "GET /v2/requests" : "GET /sdcpp/v1/jobs"
        for state in [#""WARMING_UP""#, "null", "7", "[]"] {
            fake.server.inject(.status(200, #"{"status": \#(state)}"#), on: asks)
        }
        let run = try await RemoteRun.run(fake) {
            if kind == "segmind" { $0.extras["async"] = "true" } else { $0 = .small() }
        }
        #expect(run.error == nil)
        #expect(run.images.count == 1)
        await fake.stop()
    }

    /// sd-server: a job that can no longer be stopped, is unknown, or has expired.
    @Test(arguments: [404, 409, 410]) func aStopThatComesTooLateIsNoError(status: Int) async throws
    {
        let fake = try await FakeSDServer.start()
        fake.behave { $0.isStuck = true }
        fake.server.inject(
            .status(status, #"{"error": "no"}"#), times: 9, on: "POST /sdcpp/v1/jobs")
        let generator = try RemoteRun.generator(fake)
        let run = Task { await RemoteRun.run(generator, .small(seeds: [1])) }
        #expect(await fake.server.hasReceived("GET /sdcpp/v1/jobs/job_1"))
        run.cancel()
        _ = await run.value
        await generator.settle()
        #expect(fake.server.requests("POST /sdcpp/v1/jobs/job_1/cancel").count == 1)
        await fake.stop()
    }
}
