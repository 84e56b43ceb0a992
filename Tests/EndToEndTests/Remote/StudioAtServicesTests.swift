import FakeServers
import Foundation
import Settings
import Testing

/// The studio at every service, and what becomes of it when one misbehaves: only the address differs
/// from the real ones.
@Suite("The studio at remote services", .serialized, .timeLimit(.minutes(10)))
struct StudioAtServicesTests {
    static let kinds = BackendKind.allCases.map(\.rawValue)

    /// A studio whose only remote backend is the fake, with its key in the environment.
    private func studio(
        at fake: any FakeService, _ more: String = "", step: Int = 0
    ) throws -> PtyStudio {
        let kind = type(of: fake).kind
        let variable = BackendKind(rawValue: kind)?.keyVariable
        var environment: [String: String] = [:]
        if let variable, let key = fake.key { environment[variable] = key }
        return try PtyStudio(
            width: 140, height: 40, step: step,
            configuration: """
                {defaultBackend: "mine", backends: {mine: {kind: "\(kind)",
                  baseURL: "\(fake.baseURL)", pollInterval: 0.05 \(more)}}}
                """, environment: environment)
    }

    /// Everything that the studio wrote to disk, and to the terminal.
    private func traces(_ studio: PtyStudio) -> Data {
        let files = FileManager.default.enumerator(
            at: studio.home, includingPropertiesForKeys: nil)
        return (files?.allObjects as? [URL] ?? []).reduce(into: Data(studio.written.utf8)) {
            $0 += (try? Data(contentsOf: $1)) ?? Data()
        }
    }

    private func expectNoTrace(of key: String?, _ studio: PtyStudio) {
        guard let key else { return }
        #expect(traces(studio).range(of: Data(key.utf8)) == nil, "the key was written")
    }

    /// The program has ended, and the terminal is as it was.
    private func expectEnd(_ studio: PtyStudio) async throws {
        #expect(try await studio.status() == 0)
        // On a busy machine the other side of the terminal reads later.
        try await studio.until("\u{1B}[?1049l")
        studio.expectRestored()
    }

    /// Leaves in good order, with the terminal as it was.
    private func leave(_ studio: PtyStudio) async throws {
        studio.send("\u{11}")
        // While work is under way it asks.
        try await Task.sleep(for: .milliseconds(300))
        studio.send("y")
        try await expectEnd(studio)
    }

    @Test("Enter makes a picture", arguments: kinds) func picture(kind: String) async throws {
        let services = try await FakeServiceList.start(1, of: kind)
        let fake = try #require(services.first)
        let studio = try studio(at: fake)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\r")
        try await studio.until("Done in")
        try await studio.untilPictures(1)
        studio.send("\u{11}")
        #expect(try await studio.status() == 0)
        expectNoTrace(of: fake.key, studio)
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let fault: Fault
        /// What the person reads.
        let words: String
        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "a refused key that comes back", fault: .echo(401), words: "does not take"),
        Row(name: "a refusal that repeats the key", fault: .echo(422), words: "refuses"),
        Row(name: "a failure that repeats the key", fault: .echo(500), words: "failed"),
        Row(
            name: "control characters",
            fault: .status(
                500,
                #"{"detail": "one\u001b]0;evil\u0007two\u009b31m\u202ethree\r\n\u001b[2Jfour"}"#),
            words: "four"),
        Row(name: "no credits", fault: .status(402, "{}"), words: "credits"),
        Row(
            name: "a bomb", fault: .gzipBomb(bytes: 700 << 20), words: "larger than"),
        Row(
            name: "an endless body", fault: .oversize(bytes: 700 << 20, isDeclared: false),
            words: "larger than"),
        Row(name: "nonsense", fault: .status(200, "<html>hello</html>"), words: "no JSON"),
        Row(name: "a broken connection", fault: .resetAfterWork, words: "billed"),
        Row(
            name: "a redirect", fault: .redirect(307, to: "http://127.0.0.1:1/x"),
            words: "redirects"),
    ]

    @Test("faults are told in words, and the studio goes on", arguments: rows)
    func fault(row: Row) async throws {
        let fake = try await FakeImagePipeline.start()
        fake.server.inject(row.fault, times: 1, on: "POST ")
        let studio = try studio(at: fake)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\r")
        try await studio.until(row.words)
        #expect(!studio.written.contains("\u{1B}]0;evil"))
        #expect(!studio.written.contains("\u{9B}31m"))
        #expect(!studio.written.contains("\u{202E}"))
        // The next one goes through.
        studio.send("\r")
        try await studio.until("Done in")
        studio.send("\u{11}")
        try await expectEnd(studio)
        expectNoTrace(of: fake.key, studio)
        await fake.stop()
    }

    @Test("a service that never answers keeps nobody from typing, stopping and leaving")
    func hanging() async throws {
        let fake = try await FakeOctoAI.start()
        fake.server.inject(.noResponse, times: 9, on: "POST ")
        let studio = try studio(at: fake)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\r")
        _ = await fake.server.waitForRequests(within: .seconds(60)) { !$0.isEmpty }
        studio.send(" typed")
        try await studio.untilDraft("a lighthouse on a cliff at sunset typed")
        studio.send("\u{3}")
        try await studio.until("is in the history")
        studio.send("\r")
        _ = await fake.server.waitForRequests(within: .seconds(60)) { $0.count > 1 }
        try await leave(studio)
        expectNoTrace(of: fake.key, studio)
        await fake.stop()
    }

    @Test("a stream of heartbeats alone can be stopped, and costs little")
    func heartbeats() async throws {
        let fake = try await FakeInference.start()
        fake.behave {
            $0.heartbeatsOnly = true
            $0.outcome = .never
        }
        let studio = try studio(at: fake)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\r")
        _ = await fake.server.waitForRequests(within: .seconds(60)) { requests in
            requests.contains { $0.path.hasSuffix("/stream") }
        }
        try await Task.sleep(for: .seconds(1))
        let before = studio.written.utf8.count
        try await Task.sleep(for: .seconds(1))
        #expect(studio.written.utf8.count - before < 20_000, "heartbeats repaint the screen")
        studio.send(" typed")
        try await studio.untilDraft("a lighthouse on a cliff at sunset typed")
        studio.send("\u{3}")
        try await studio.until("is in the history")
        // The screen does not wait for the service.
        _ = await fake.server.waitForRequests { requests in
            requests.contains { $0.line == "POST /tasks/task1/cancel" }
        }
        #expect(fake.server.requests("POST /tasks/task1/cancel").count == 1)
        try await leave(studio)
        await fake.stop()
    }

    /// A job that the command line sent to an address of its own, and whose program was killed.
    @Test("fetches what was left at another address")
    func left() async throws {
        let fake = try await FakeComfyUI.start()
        fake.behave { $0.pace = .milliseconds(300) }
        let other = try await FakeOctoAI.start()
        let studio = try studio(at: other)
        try await studio.until("lighthouse")
        studio.send("\u{11}")
        _ = try await studio.status()
        defer { studio.end() }
        var program = try CommandLineProgram()
        defer { program.remove() }
        program.environment["LATENT_HOME"] = studio.home.appendingPathComponent("latent").path
        let running = try program.start([
            "generate", "later", "-b", "comfyui", "--base-url", fake.baseURL, "-o", "a.png",
        ])
        _ = await fake.server.waitForRequests(within: .seconds(60)) { requests in
            requests.contains { $0.line.hasPrefix("POST /prompt") }
        }
        let deadline = ContinuousClock.now + .seconds(60)
        while !program.accepted(in: studio.home), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        running.send(SIGKILL)
        _ = try await running.ended()
        fake.behave { $0.pace = .milliseconds(1) }
        let second = try PtyStudio(
            width: 140, height: 40,
            script: "LATENT_HOME=\(studio.home.path)/latent exec \"$PROGRAM\"")
        defer { second.end() }
        try await second.until("Done in")
        try await studio.untilPictures(1)
        #expect(fake.server.requests("POST /prompt").count == 1, "it was paid for twice")
        second.send("\u{11}")
        _ = try await second.status()
        await fake.stop()
        await other.stop()
    }
}

extension CommandLineProgram {
    /// Whether the journal under another home says that a service has taken a job.
    fileprivate func accepted(in home: URL) -> Bool {
        let folder = home.appendingPathComponent("latent/data/sessions")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.contains { name in
            let text = try? String(
                contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            return text?.contains("\"accepted\"") == true
        }
    }
}
