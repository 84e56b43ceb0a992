import FakeServers
import Foundation
import Generation
import Providers
import Testing
import Transport

/// Every fault of a connection and of HTTP, once on a call that is paid for (OpenAI's POST) and,
/// where repeating is safe, on a question (A1111's list of samplers).
@Suite struct FaultTests {
    private let service = OpenAIImages()
    private var request: GenerationRequest {
        var request = GenerationRequest(prompt: "a fox")
        request.width = 64
        request.height = 64
        return request
    }

    private func run(
        _ fake: FakeOpenAI, _ fault: Fault, times: Int = 1, deadline: Duration = .seconds(60)
    ) async throws -> ServerRun {
        fake.server.inject(fault, times: times, on: "POST")
        return try await ServerRun.run(
            request, service, at: fake.baseURL, key: fake.key, deadline: deadline)
    }

    @Test(arguments: [
        (400, RemoteError.Kind.refused), (401, .key), (402, .credits), (403, .key),
        (404, .notFound), (405, .notFound), (406, .credits), (408, .timedOut), (409, .refused),
        (410, .notFound), (413, .refused), (422, .refused), (500, .service), (502, .service),
        (503, .service), (504, .timedOut), (418, .refused), (599, .service),
    ])
    func everyStatusIsItsKindOfError(status: Int, kind: RemoteError.Kind) async throws {
        let fake = try await FakeOpenAI.start()
        let run = try await run(
            fake, .status(status, #"{"error": {"message": "what it\u001b[2J says"}}"#))
        #expect(run.remoteError?.kind == kind)
        #expect(run.remoteError?.summary.contains("what it [2J says") == true)
        // Paid work is not repeated: 5xx may mean that it was done.
        #expect(fake.server.requests("POST").count == 1)
        await fake.stop()
    }

    @Test func detailsOfAFieldAreTold() async throws {
        let fake = try await FakeOpenAI.start()
        let run = try await run(
            fake,
            .status(422, #"{"detail": [{"loc": ["body", "size"], "msg": "odd", "type": "v"}]}"#))
        #expect(run.remoteError?.summary.contains("size: odd") == true)
        await fake.stop()
    }

    @Test(arguments: ["", "<html><body>Bad Gateway</body></html>", "{", "[]", "\u{0}\u{1}", "null"])
    func bodiesOfErrorsThatSayNothingAreNotShown(body: String) async throws {
        let fake = try await FakeOpenAI.start()
        let run = try await run(fake, .status(500, body, type: "text/html"))
        #expect(run.remoteError?.kind == .service)
        #expect(run.remoteError?.summary.contains("<") == false)
        await fake.stop()
    }

    @Test(arguments: [
        ("Retry-After", "1", 900), ("retry-after-ms", "120", 110), ("Retry-After", "0", 0),
    ])
    func adviceIsKept(name: String, value: String, milliseconds: Int) async throws {
        let fake = try await FakeOpenAI.start()
        let start = ContinuousClock.now
        let run = try await run(fake, .status(429, "{}", headers: [(name, value)]))
        #expect(run.isFinished)
        #expect(ContinuousClock.now - start >= .milliseconds(milliseconds))
        #expect(fake.server.requests("POST").count == 2)
        await fake.stop()
    }

    @Test func adviceAsADateIsKept() async throws {
        let fake = try await FakeOpenAI.start()
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let start = ContinuousClock.now
        let date = formatter.string(from: Date(timeIntervalSinceNow: 2))
        let run = try await run(fake, .status(503, "{}", headers: [("Retry-After", date)]))
        #expect(run.isFinished)
        #expect(ContinuousClock.now - start >= .milliseconds(800))
        await fake.stop()
    }

    @Test func adviceOfAnHourIsAnErrorAtOnce() async throws {
        let fake = try await FakeOpenAI.start()
        let run = try await run(fake, .status(429, "{}", headers: [("Retry-After", "3600")]))
        #expect(run.remoteError?.kind == .limited)
        await fake.stop()
    }

    @Test func nobodyListeningIsUnreachable() async throws {
        let server = try await FakeServer.start { _ in FakeResponse(200) }
        let origin = server.origin
        await server.stop()
        let run = try await ServerRun.run(request, service, at: origin)
        #expect(run.remoteError?.kind == .connection)
        #expect(run.remoteError?.mayBeBilled == false)
    }

    @Test(arguments: [
        Fault.resetBeforeResponse, .closeBeforeResponse, .resetAfterWork,
        .cutBody(after: 10, resets: true), .cutBody(after: 10, resets: false),
        .cutBody(after: 0, resets: true),
    ])
    func whatMayBePaidForIsNotRepeatedAndSaidSo(fault: Fault) async throws {
        let fake = try await FakeOpenAI.start()
        let run = try await run(fake, fault)
        #expect(run.remoteError?.kind == .connection)
        #expect(run.remoteError?.mayBeBilled == true)
        #expect(run.remoteError?.hint?.contains("billed") == true)
        #expect(fake.server.requests("POST").count == 1)
        await fake.stop()
    }

    @Test(arguments: [
        Fault.resetBeforeResponse, .closeBeforeResponse, .cutBody(after: 10, resets: true),
        .cutBody(after: 10, resets: false), .status(500, "{}"), .status(503, "{}"),
        .status(429, "{}"),
    ])
    func questionsAreRepeated(fault: Fault) async throws {
        let fake = try await FakeA1111.start()
        fake.server.inject(fault, times: 2, on: "GET /sdapi/v1/samplers")
        let run = try await ServerRun.run(.small(), A1111(), at: fake.baseURL)
        #expect(run.isFinished)
        #expect(fake.server.requests("GET /sdapi/v1/samplers").count == 3)
        await fake.stop()
    }

    @Test(arguments: [
        Fault.resetAfterBody, .delay(.milliseconds(200)),
        .trickle(piece: 7, pause: .milliseconds(0)), .contentType("text/plain"),
        .contentType("application/octet-stream"), .headers([("X-Odd", "\u{FF}")]),
    ])
    func whatIsWholeIsTaken(fault: Fault) async throws {
        let fake = try await FakeOpenAI.start()
        let run = try await run(fake, fault)
        #expect(run.error == nil)
        #expect(run.isFinished)
        await fake.stop()
    }

    @Test(arguments: [Fault.noResponse, .trickle(piece: 1, pause: .milliseconds(100))])
    func whatNeverEndsIsGivenUp(fault: Fault) async throws {
        let fake = try await FakeOpenAI.start()
        let start = ContinuousClock.now
        let run = try await run(fake, fault, deadline: .seconds(1))
        #expect(run.remoteError?.kind == .timedOut)
        #expect(ContinuousClock.now - start < .seconds(20))
        await fake.stop()
    }

    @Test(arguments: [
        Fault.oversize(bytes: 64 << 20, isDeclared: true),
        .oversize(bytes: 64 << 20, isDeclared: false), .gzipBomb(bytes: 256 << 20),
    ])
    func tooMuchIsRefused(fault: Fault) async throws {
        let fake = try await FakeA1111.start()
        fake.server.inject(fault, on: "GET /sdapi/v1/samplers")
        let run = try await ServerRun.run(.small(), A1111(), at: fake.baseURL)
        #expect(run.remoteError?.summary.contains("MiB") == true)
        #expect(fake.server.requests("GET /sdapi/v1/samplers").count == 1)
        await fake.stop()
    }

    @Test(arguments: ["", "{", "[1, 2", "\u{FEFF}{}", "not json", "[[[[[[[[[["])
    func brokenJSONIsMalformed(text: String) async throws {
        let fake = try await FakeOpenAI.start()
        let run = try await run(fake, .body(Array(text.utf8)))
        #expect(run.remoteError?.kind == .malformed)
        await fake.stop()
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func redirectsOfThePostAreErrorsAndTheKeyStays(status: Int) async throws {
        let fake = try await FakeOpenAI.start()
        let other = try await FakeServer.start { _ in FakeResponse(200) }
        let run = try await run(
            fake, .redirect(status, to: other.origin + "/v1/images/generations"))
        #expect(run.remoteError?.kind == .untrustedAddress)
        #expect(other.requests.isEmpty)
        await fake.stop()
        await other.stop()
    }

    @Test func downloadsFollowRedirectsWithoutTheKey() async throws {
        let fake = try await FakeOpenAI.start()
        let key = try #require(fake.key)
        let other = try await FakeFileHost.start()
        let link = other.hold(
            FakePicture.bytes(width: 8, height: 8, seed: 1), type: "image/png", at: "/a.png")
        fake.behave { $0.answersLinks = true }
        fake.files.server.inject(.redirect(to: link), on: "GET")
        let run = try await ServerRun.run(request, service, at: fake.baseURL, key: key)
        #expect(run.isFinished)
        #expect(other.server.violations == [])
        #expect(!other.server.received(key) && !fake.files.server.received(key))
        fake.files.server.inject(.redirect(to: "file:///etc/passwd"), on: "GET")
        let file = try await ServerRun.run(request, service, at: fake.baseURL, key: key)
        #expect(file.remoteError?.kind == .untrustedAddress)
        fake.files.server.inject(.redirect(to: "/images/0.png"), times: 9, on: "GET")
        let loop = try await ServerRun.run(request, service, at: fake.baseURL, key: key)
        #expect(loop.remoteError?.kind == .untrustedAddress)
        await fake.stop()
        await other.server.stop()
    }

    @Test func pictureFilesThatLieAreRefused() async throws {
        let fake = try await FakeOpenAI.start()
        let whole = FakePicture.bytes(width: 64, height: 64, seed: 1)
        for bytes in [
            Array(whole.prefix(whole.count / 2)), FakePicture.absurdlyLargePNG(),
            Array("GIF89a".utf8), Array("<html>".utf8), [0],
        ] {
            fake.behave { $0.data = [["b64_json": .string(FakePicture.encoded(bytes))]] }
            let run = try await ServerRun.run(request, service, at: fake.baseURL, key: fake.key)
            #expect(run.error is any UserFacingError)
            #expect(run.images.isEmpty)
        }
        await fake.stop()
    }

    @Test func anEchoedKeyIsNowhere() async throws {
        let fake = try await FakeOpenAI.start()
        let key = try #require(fake.key)
        for status in [400, 401, 403, 404, 422, 500] {
            let run = try await run(fake, .echo(status))
            #expect(run.remoteError != nil)
            #expect(!run.allText.contains(key))
        }
        await fake.stop()
    }

    /// The key stands where the service's long words are cut off.
    @Test func noPieceOfAnEchoedKeyIsShown() async throws {
        let fake = try await FakeOpenAI.start()
        let key = try #require(fake.key)
        for length in stride(from: 484, through: 502, by: 3) {
            let words = String(repeating: "x", count: length) + key
            let run = try await run(fake, .status(500, #"{"error": {"message": "\#(words)"}}"#))
            #expect(run.remoteError?.kind == .service)
            #expect(!run.allText.contains(key.prefix(5)), "\(length)")
        }
        await fake.stop()
    }

    @Test func certificatesAreVerified() async throws {
        let picture = FakePicture.base64(width: 8, height: 8, seed: 1)
        let server = try await FakeServer.start(isSecure: true) { _ in
            .json(200, ["data": [["b64_json": .string(picture)]]])
        }
        let refused = try await ServerRun.run(request, service, at: server.origin, key: "sk-key")
        #expect(refused.remoteError?.kind == .connection)
        #expect(refused.remoteError?.mayBeBilled == false)
        #expect(server.requests.isEmpty)
        let folder = try PictureFolder()
        let caFile = try folder.file("ca.pem", Array(SelfSignedCertificate.pem.utf8))
        let transport = try ClientTransport(.init(caFile: caFile))
        let run = try await ServerRun.run(
            request, service, at: server.origin, key: "sk-key", transport: transport)
        #expect(run.error == nil)
        #expect(run.isFinished)
        await server.stop()
    }

    @Test func connectionsAreUsedAgain() async throws {
        let fake = try await FakeA1111.start()
        let run = try await ServerRun.run(
            .small(seeds: [1, 2, 3, 4, 5, 6]), A1111(), at: fake.baseURL)
        #expect(run.images.count == 6)
        // One for the pictures, one for questions about progress.
        #expect(fake.server.connectionCount <= 3)
        await fake.stop()
    }
}
