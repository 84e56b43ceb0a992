import FakeServers
import Foundation
import Testing

/// Programs that are killed or interrupted while a service works for them.
@Suite(.serialized) struct RemoteResumeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let kind: String
        /// The request that is paid for, and one that shows that the answer to it was understood.
        let submit: String
        let following: String
        var options: [String] = []
        var testDescription: String { kind }
    }

    /// Every kind that keeps its tasks.
    static let rows = [
        Row(
            kind: "inferencesh", submit: "POST /apps/run", following: "GET /tasks/task1/stream"),
        Row(
            kind: "imagepipeline", submit: "POST /sdxl/text2image/v1",
            following: "GET /sdxl/text2image/v1/status/job-1"),
        Row(
            kind: "segmind", submit: "POST /v2/sdxl-torch", following: "GET /v2/requests",
            options: ["--extra", "async=true"]),
        Row(kind: "comfyui", submit: "POST /prompt", following: "GET /history"),
        Row(
            kind: "sdserver", submit: "POST /sdcpp/v1/img_gen",
            following: "GET /sdcpp/v1/jobs/job_1"),
    ]

    /// A service whose work does not end, and what lets it end.
    private func start(_ kind: String) async throws -> (fake: any FakeService, end: () -> Void) {
        switch kind {
        case "inferencesh":
            let fake = try await FakeInference.start()
            fake.behave { $0.outcome = .never }
            return (fake, { fake.finish() })
        case "imagepipeline":
            let fake = try await FakeImagePipeline.start()
            fake.behave { $0.isStuck = true }
            return (fake, { fake.behave { $0.isStuck = false } })
        case "segmind":
            let fake = try await FakeSegmind.start()
            fake.behave { $0.pendingPolls = 1_000_000 }
            return (fake, { fake.behave { $0.pendingPolls = 0 } })
        case "comfyui":
            let fake = try await FakeComfyUI.start()
            fake.behave { $0.pace = .milliseconds(500) }
            return (fake, { fake.behave { $0.pace = .milliseconds(1) } })
        default:
            let fake = try await FakeSDServer.start()
            fake.behave { $0.isStuck = true }
            return (fake, { fake.behave { $0.isStuck = false } })
        }
    }

    private func program(_ fake: any FakeService) throws -> CommandLineProgram {
        var program = try CommandLineProgram()
        let variables = [
            "inferencesh": "INFERENCE_API_KEY", "imagepipeline": "IMAGEPIPELINE_API_KEY",
            "segmind": "SEGMIND_API_KEY",
        ]
        if let variable = variables[type(of: fake).kind] {
            program.environment[variable] = fake.key
        }
        return program
    }

    private func configure(
        _ program: CommandLineProgram, _ fake: any FakeService, baseURL: String? = nil
    ) throws {
        let folder = program.home.appendingPathComponent("latent/config")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let text = """
            {backends: {mine: {kind: "\(type(of: fake).kind)",
              baseURL: "\(baseURL ?? fake.baseURL)", pollInterval: 0.05}}}
            """
        try Data(text.utf8).write(to: folder.appendingPathComponent("config.json"))
    }

    private func pictures(_ program: CommandLineProgram) -> [URL] {
        let files = FileManager.default.enumerator(
            at: program.home, includingPropertiesForKeys: nil)
        return (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "png" }
    }

    /// Runs a job until the service works on it, then kills the program.
    private func kill(
        _ program: CommandLineProgram, _ fake: any FakeService, following: String,
        _ arguments: [String]
    ) async throws {
        let running = try program.start(["generate", "later", "-o", "a.png"] + arguments)
        let isFollowing = await fake.server.waitForRequests(within: .seconds(60)) { requests in
            requests.contains { $0.line.hasPrefix(following) }
        }
        #expect(isFollowing)
        running.send(SIGKILL)
        _ = try await running.ended()
        #expect(pictures(program).isEmpty)
    }

    @Test(arguments: rows) func aKilledProgramLosesNothingAndPaysOnce(row: Row) async throws {
        let (fake, end) = try await start(row.kind)
        let program = try program(fake)
        defer { program.remove() }
        try configure(program, fake)
        try await kill(
            program, fake, following: row.following, ["-b", "mine"] + row.options)
        #expect(program.journal.contains("\"accepted\""))
        end()
        let resumed = try await program.runAside("history", "resume", "--json")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(fake.server.requests(row.submit).count == 1, "it was paid for twice")
        #expect(
            pictures(program).map { $0.deletingLastPathComponent().lastPathComponent } == [
                "images"
            ],
            "it lies where pictures stay")
        #expect(fake.server.violations == [])
        // What was fetched is not fetched again.
        let again = try await program.runAside("history", "resume")
        #expect(again.status == 0)
        #expect(again.errors.contains("No job was interrupted"))
        await fake.stop()
    }

    /// A service that cannot be asked any more is not one that has failed.
    @Test func aLostConnectionLosesNothing() async throws {
        let (fake, end) = try await start("sdserver")
        let program = try program(fake)
        defer { program.remove() }
        try configure(program, fake)
        let asks = "GET /sdcpp/v1/jobs"
        fake.server.inject(.status(401, "{}"), times: 1, on: asks)
        for attempt in ["generate", "resume"] {
            let arguments =
                attempt == "generate"
                ? ["generate", "later", "-b", "mine", "-o", "a.png"] : ["history", "resume"]
            let running = try program.start(arguments)
            let lost = try await running.ended()
            #expect(lost.status == 1)
            #expect(lost.errors.contains("history resume"), "\(lost.errors)")
            fake.server.inject(.status(401, "{}"), times: attempt == "generate" ? 1 : 0, on: asks)
        }
        end()
        let fetched = try await program.runAside("history", "resume")
        #expect(fetched.status == 0, "\(fetched.errors)")
        #expect(fake.server.requests("POST /sdcpp/v1/img_gen").count == 1, "it was paid for twice")
        #expect(pictures(program).count == 1)
        let again = try await program.runAside("history", "resume")
        #expect(again.errors.contains("No job was interrupted"))
        await fake.stop()
    }

    @Test func theServerOfAJobIsRemembered() async throws {
        let (fake, end) = try await start("inferencesh")
        let program = try program(fake)
        defer { program.remove() }
        let address = fake.baseURL.replacingOccurrences(of: "http://", with: "http://me:word@")
        try await kill(
            program, fake, following: "GET /tasks/task1/stream",
            ["-b", "inferencesh", "--base-url", address + "/?token=secret"])
        #expect(!program.journal.contains("word") && !program.journal.contains("secret"))
        end()
        let resumed = try await program.runAside("history", "resume")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(fake.server.requests("POST /apps/run").count == 1)
        #expect(pictures(program).count == 1)
        let shown = try await program.runAside("history", "show", "last")
        #expect(shown.output.contains(fake.baseURL), "\(shown.output)")
        await fake.stop()
    }

    /// A journal that came from elsewhere does not decide where the key is sent.
    @Test func theServerOfAForeignJournalIsNotAsked() async throws {
        let (fake, end) = try await start("inferencesh")
        let mine = try await FakeInference.start()
        let program = try program(fake)
        defer { program.remove() }
        try configure(program, fake, baseURL: mine.baseURL)
        try await kill(
            program, fake, following: "GET /tasks/task1/stream",
            ["-b", "mine", "--base-url", fake.baseURL])
        end()
        let sessions = program.home.appendingPathComponent("latent/data/sessions")
        for name in try FileManager.default.contentsOfDirectory(atPath: sessions.path)
        where name.hasSuffix(".jsonl") {
            try FileManager.default.moveItem(
                at: sessions.appendingPathComponent(name),
                to: sessions.appendingPathComponent(
                    name.replacingOccurrences(of: ".jsonl", with: "-imported.jsonl")))
        }
        let before = fake.server.requests.count
        _ = try await program.runAside("history", "resume")
        #expect(fake.server.requests.count == before)
        #expect(!mine.server.requests.isEmpty)
        await fake.stop()
        await mine.stop()
    }

    /// From the signal to the request at the server; the bound is for a busy machine: a service that
    /// is not told works for ever.
    @Test func interruptingTellsTheService() async throws {
        let (fake, _) = try await start("inferencesh")
        let program = try program(fake)
        defer { program.remove() }
        let running = try program.start([
            "generate", "x", "-b", "inferencesh", "--base-url", fake.baseURL, "-o", "a.png",
        ])
        let isFollowing = await fake.server.waitForRequests { requests in
            requests.contains { $0.path.hasSuffix("/stream") }
        }
        #expect(isFollowing)
        let start = ContinuousClock.now
        running.send(SIGINT)
        let outcome = try await running.ended()
        #expect(outcome.status == 130)
        let told = fake.server.requests("POST /tasks/task1/cancel")
        #expect(told.count == 1)
        let arrival = try #require(told.first?.arrival)
        #expect(arrival - start <= .seconds(5))
        await fake.stop()
    }
}
