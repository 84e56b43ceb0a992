import FakeServers
import Foundation
import Settings
import Testing

/// Servers that send the key back in every member of what they answer: it is written nowhere.
@Suite("Servers that repeat the key", .serialized, .timeLimit(.minutes(15)))
struct EchoedKeyTests {
    private static let key = "me:never-to-be-seen-again"
    private static let base64 = Data(key.utf8).base64EncodedString()

    /// An answer that looks like every service's, with the key wherever a text may stand.
    private static func echo(
        _ request: RecordedRequest, _ status: Int, origin: String
    ) -> FakeResponse {
        let said = WireJSON.string(
            request.headers.map { "\($0.name): \($0.value)" }.joined(separator: " "))
        let link = WireJSON.string("\(origin)/a.png?key=\(key)&basic=\(base64)")
        let task: WireJSON = [
            "id": .string(key), "status": "running", "error": said, "output": link,
        ]
        return .json(
            status,
            [
                "id": .string(key), "request_id": .string(key), "prompt_id": .string(key),
                "status": "SUCCESS", "data": task, "error": said, "detail": said,
                "message": said, "messages": [["level": "warning", "message": said]],
                "download_urls": [link], "status_url": link, "response_url": link,
                "poll_url": link, "image": said, "images": [said], "limits": [:],
                "CheckpointLoaderSimple": [
                    "input": ["required": ["ckpt_name": [[.string(key), said]]]]
                ], "KSampler": ["input": ["required": [:]]],
            ], headers: [("x-remaining-credits", key), ("Retry-After", key)])
    }

    @Test(arguments: BackendKind.allCases.map(\.rawValue))
    func theKeyIsInNothingThatIsWritten(kind: String) async throws {
        let server = try await FakeServer.start { _ in FakeResponse(503) }
        let program = try CommandLineProgram()
        defer { program.remove() }
        let file = try KeyFile(Self.key)
        defer { file.remove() }
        let folder = program.home.appendingPathComponent("latent/config")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(
            """
            {backends: {mine: {kind: "\(kind)", baseURL: "\(server.origin)",
              keyFile: "\(file.path)", pollInterval: 0.02, timeout: 2}}}
            """.utf8
        ).write(to: folder.appendingPathComponent("config.json"))
        for status in [200, 422] {
            server.serve { [origin = server.origin] in Self.echo($0, status, origin: origin) }
            let made = try await program.runAside(
                "generate", "x", "-b", "mine", "-o", "a.png", "--json")
            #expect(made.status == 1, "\(made.errors)")
        }
        _ = try await program.runAside("backends", "check", "mine", "--json")
        _ = try await program.runAside("history", "show", "last", "--json")
        #expect(server.received(Self.key) || server.received(Self.base64))
        let files = FileManager.default.enumerator(
            at: program.home, includingPropertiesForKeys: nil)
        for case let url as URL in files ?? .init() {
            let data = (try? Data(contentsOf: url)) ?? Data()
            for text in [Self.key, Self.base64, "never-to-be"] {
                #expect(data.range(of: Data(text.utf8)) == nil, "\(url.lastPathComponent)")
            }
        }
        await server.stop()
    }
}
