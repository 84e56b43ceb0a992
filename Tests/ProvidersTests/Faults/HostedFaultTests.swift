import FakeServers
import Foundation
import Generation
import Providers
import Testing

/// What a service of the four can do wrong, and what becomes of it.
@Suite(.serialized) struct HostedFaultTests {
    static let kinds = ["inferencesh", "imagepipeline", "segmind", "octoai"]

    private static func start(_ kind: String) async throws -> any FakeService {
        switch kind {
        case "inferencesh": try await FakeInference.start()
        case "imagepipeline": try await FakeImagePipeline.start()
        case "segmind": try await FakeSegmind.start()
        default: try await FakeOctoAI.start()
        }
    }

    @Test(
        arguments: kinds,
        [
            (401, RemoteError.Kind.key), (402, .credits), (403, .key), (404, .notFound),
            (406, .credits), (409, .refused), (422, .refused), (500, .service),
        ])
    func everyStatusHasItsMeaning(kind: String, status: (Int, RemoteError.Kind)) async throws {
        let fake = try await Self.start(kind)
        fake.server.inject(
            .status(
                status.0,
                #"{"detail":[{"loc":["body","steps"],"msg":"too \u001b[31mmany","type":"x"}]}"#),
            times: 9, on: "POST ")
        let run = try await RemoteRun.run(fake)
        #expect(run.kind == status.1)
        #expect(run.text.contains("steps: too"))
        #expect(!run.text.contains("\u{1B}"))
        #expect(run.images.isEmpty)
        // The older route of inference.sh is tried where the new one is not known.
        let limit = kind == "inferencesh" && status.0 == 404 ? 2 : 1
        #expect(fake.server.requests("POST ").count == limit, "a POST was repeated")
        await fake.stop()
    }

    @Test(
        arguments: kinds,
        [
            ("Retry-After", "0"), ("retry-after-ms", "5"),
            ("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ])
    func tooManyRequestsAreRepeatedAsAdvised(
        kind: String, advice: (String, String)
    ) async throws {
        let fake = try await Self.start(kind)
        fake.server.inject(
            .status(429, "{}", headers: [(advice.0, advice.1)]), times: 2, on: "POST ")
        let run = try await RemoteRun.run(fake)
        #expect(run.error == nil)
        #expect(fake.server.requests("POST ").count == 3)
        await fake.stop()
    }

    @Test(arguments: kinds) func aServiceThatIsBusyIsAskedAgain(kind: String) async throws {
        let fake = try await Self.start(kind)
        fake.server.inject(
            .status(503, "{}", headers: [("Retry-After", "0")]), times: 1, on: "POST ")
        #expect(try await RemoteRun.run(fake).error == nil)
        await fake.stop()
    }

    /// Where a question about paid work fails once or twice, it is asked again, and nothing is paid twice.
    @Test(
        arguments: [
            ("inferencesh", "GET /tasks/task1/stream"), ("imagepipeline", "GET /sdxl"),
            ("segmind", "GET /v2/requests"), ("a1111", "GET /sdapi/v1/samplers"),
            ("comfyui", "GET /history"), ("sdserver", "GET /sdcpp/v1/jobs"),
        ])
    func aQuestionThatFailsIsAskedAgain(kind: String, question: String) async throws {
        let services = try await FakeServiceList.start(1, of: kind)
        let fake = try #require(services.first)
        fake.server.inject(.status(500, "{}"), on: question)
        fake.server.inject(.cutBody(after: 3, resets: true), on: question)
        let run = try await RemoteRun.run(fake) {
            if kind == "segmind" { $0.extras["async"] = "true" }
            if ["a1111", "comfyui", "sdserver"].contains(kind) { $0 = .small() }
        }
        #expect(run.error == nil)
        #expect(run.images.count == 1)
        #expect(fake.server.requests("POST ").count == 1)
        #expect(fake.server.requests(question).count > 2)
        await fake.stop()
    }

    @Test(arguments: kinds) func aResetAfterTheWorkIsNeverRepeated(kind: String) async throws {
        let fake = try await Self.start(kind)
        fake.server.inject(.resetAfterWork, times: 3, on: "POST ")
        let run = try await RemoteRun.run(fake)
        #expect(fake.server.requests("POST ").count == 1)
        #expect((run.error as? RemoteError)?.mayBeBilled == true)
        #expect(run.text.contains("billed"))
        await fake.stop()
    }

    @Test(arguments: kinds) func nobodyAtTheAddressIsSaidAtOnce(kind: String) async throws {
        // Nobody listens at the port of a service that no machine has had for decades.
        let generator = try RemoteRun.generator(
            kind: kind, baseURL: "http://127.0.0.1:1", key: "some-key")
        let run = await RemoteRun.run(generator, GenerationRequest(prompt: "x"))
        #expect(run.kind == .connection)
        #expect((run.error as? RemoteError)?.mayBeBilled == false)
    }

    @Test(arguments: kinds) func anEchoedKeyIsNeverShown(kind: String) async throws {
        let fake = try await Self.start(kind)
        for status in [400, 401, 422, 500] {
            fake.server.inject(.echo(status), on: "POST ")
            let run = try await RemoteRun.run(fake)
            let key = try #require(fake.key)
            #expect(run.error != nil)
            #expect(!run.text.contains(key), "\(kind) \(status)")
        }
        await fake.stop()
    }

    @Test(arguments: kinds) func aRedirectOfTheAPIIsRefused(kind: String) async throws {
        let fake = try await Self.start(kind)
        let other = try await FakeServer.start { _ in FakeResponse(200) }
        for status in [301, 302, 307, 308] {
            fake.server.inject(.redirect(status, to: other.origin + "/x"), on: "POST ")
            #expect(try await RemoteRun.run(fake).kind == .untrustedAddress)
        }
        #expect(other.requests.isEmpty)
        await other.stop()
        await fake.stop()
    }

    @Test(
        arguments: kinds,
        [
            "", "{", "[]", "null", "7", "\"text\"", "<html>busy</html>", #"{"status":[]}"#,
            #"{"images":[]}"#, #"{"images":[null]}"#, #"{"images":[{"image_b64":"!!"}]}"#,
            #"{"data":null}"#, #"{"data":{"id":null}}"#, #"{"status":"SUCCESS"}"#,
            #"{"status":"SUCCESS","download_urls":null}"#,
            #"{"status":"SUCCESS","download_urls":[]}"#, #"{"image":null}"#, #"{"image":[]}"#,
        ])
    func nonsenseIsAnErrorInWords(kind: String, body: String) async throws {
        let fake = try await Self.start(kind)
        fake.server.inject(.status(200, body), times: 9, on: "POST ")
        let run = try await RemoteRun.run(fake)
        #expect(run.error is any UserFacingError)
        #expect(run.images.isEmpty)
        await fake.stop()
    }

    @Test(arguments: kinds) func aBodyThatIsTooLargeEndsTheCall(kind: String) async throws {
        let fake = try await Self.start(kind)
        fake.server.inject(.oversize(bytes: 600 << 20, isDeclared: true), on: "POST ")
        let run = try await RemoteRun.run(fake)
        #expect(run.kind == .connection)
        #expect(run.text.contains("larger than"))
        await fake.stop()
    }

    @Test(arguments: kinds) func theDeadlineEndsAServiceThatNeverAnswers(kind: String) async throws
    {
        let fake = try await Self.start(kind)
        fake.server.inject(.noResponse, times: 9, on: "POST ")
        let generator = try RemoteRun.generator(fake) { $0.deadline = .milliseconds(300) }
        let run = await RemoteRun.run(generator, GenerationRequest(prompt: "x"))
        #expect(run.kind == .timedOut)
        await fake.stop()
    }
}
