import FakeServers
import Foundation
import Testing

/// Remote backends through the built program: the base URL is all that differs from the real ones.
@Suite struct RemoteCommandTests {
    static let kinds = ["inferencesh", "imagepipeline", "segmind", "octoai"]
    /// Those of one's own.
    static let ownKinds = ["a1111", "comfyui", "sdserver", "openai"]

    private static func start(_ kind: String) async throws -> any FakeService {
        switch kind {
        case "inferencesh": try await FakeInference.start()
        case "imagepipeline": try await FakeImagePipeline.start()
        case "segmind": try await FakeSegmind.start()
        case "a1111": try await FakeA1111.start()
        case "comfyui": try await FakeComfyUI.start()
        case "sdserver": try await FakeSDServer.start()
        case "openai": try await FakeOpenAI.start()
        default: try await FakeOctoAI.start()
        }
    }

    private static let variables = [
        "inferencesh": "INFERENCE_API_KEY", "imagepipeline": "IMAGEPIPELINE_API_KEY",
        "segmind": "SEGMIND_API_KEY", "octoai": "OCTOAI_TOKEN", "a1111": "A1111_AUTH",
        "openai": "OPENAI_API_KEY",
    ]

    private func program(
        _ kind: String, _ fake: any FakeService
    ) throws -> CommandLineProgram {
        var program = try CommandLineProgram()
        if let variable = Self.variables[kind] { program.environment[variable] = fake.key }
        return program
    }

    /// Everything that a run left behind, wherever it is.
    private func traces(_ program: CommandLineProgram) throws -> Data {
        let files = FileManager.default.enumerator(
            at: program.home, includingPropertiesForKeys: nil)
        return (files?.allObjects as? [URL] ?? []).reduce(into: Data()) { data, url in
            data += (try? Data(contentsOf: url)) ?? Data()
        }
    }

    @Test(arguments: kinds + ownKinds)
    func aPictureComesFromEachService(kind: String) async throws {
        let fake = try await Self.start(kind)
        let program = try program(kind, fake)
        defer { program.remove() }
        let outcome = try await program.runAside(
            "generate", "a lighthouse", "-b", kind, "--base-url", fake.baseURL, "-o", "a.png",
            "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try outcome.object()
        #expect(report["status"] as? String == "finished")
        #expect(report["backend"] as? String == kind)
        #expect(program.files == ["a.png"])
        #expect(fake.server.violations == [])
        #expect(fake.key != nil || Self.ownKinds.contains(kind))
        if let key = fake.key {
            #expect(try traces(program).range(of: Data(key.utf8)) == nil, "the key was written")
        }
        #expect(program.journal.contains("\"finished\""))
        await fake.stop()
    }

    @Test(arguments: kinds) func aRefusedKeyIsAFailureWithoutTheKey(kind: String) async throws {
        let fake = try await Self.start(kind)
        var program = try program(kind, fake)
        defer { program.remove() }
        program.environment[Self.variables[kind] ?? ""] = "a-wrong-secret"
        fake.server.inject(.echo(401), times: 9, on: "POST ")
        let outcome = try await program.runAside(
            "generate", "x", "-b", kind, "--base-url", fake.baseURL, "-o", "a.png")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("does not take the key"))
        #expect(try traces(program).range(of: Data("a-wrong-secret".utf8)) == nil)
        await fake.stop()
    }

    @Test func aMissingKeyIsSaidBeforeAnythingIsSent() async throws {
        let fake = try await FakeSegmind.start()
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try await program.runAside(
            "generate", "x", "-b", "segmind", "--base-url", fake.baseURL, "-o", "a.png")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("SEGMIND_API_KEY"))
        #expect(fake.server.requests.isEmpty)
        await fake.stop()
    }

    @Test func problemsAreToldTogetherAndCanBeDropped() async throws {
        let fake = try await FakeSegmind.start()
        let program = try program("segmind", fake)
        defer { program.remove() }
        let refused = try await program.runAside(
            "generate", "x", "-b", "segmind", "--base-url", fake.baseURL, "-o", "a.png",
            "--steps", "5", "--cfg", "40", "--tiling", "x", "--extra", "wings=2")
        #expect(refused.status == 2)
        for text in ["--steps 5", "--cfg 40", "--tiling x", "--extra wings"] {
            #expect(refused.errors.contains(text), "\(refused.errors)")
        }
        #expect(fake.server.requests.isEmpty)
        let dropped = try await program.runAside(
            "generate", "x", "-b", "segmind", "--base-url", fake.baseURL, "-o", "a.png",
            "--tiling", "x", "--allow-unsupported", "--json")
        #expect(dropped.status == 0, "\(dropped.errors)")
        #expect(dropped.output.contains("--tiling was dropped"))
        #expect(program.journal.contains("--tiling was dropped"))
        await fake.stop()
    }

    @Test func aJobThatWasLeftIsFetchedLater() async throws {
        let fake = try await FakeInference.start()
        let program = try program("inferencesh", fake)
        defer { program.remove() }
        try configure(program, "mine", kind: "inferencesh", fake)
        let left = try await program.runAside(
            "generate", "later", "-b", "mine", "--no-wait", "--json", "-o", "a.png")
        #expect(left.status == 0, "\(left.errors)")
        #expect(try left.object()["status"] as? String == "submitted")
        #expect(program.files.isEmpty)
        let resumed = try await program.runAside("history", "resume", "--json")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(fake.server.requests("POST /apps/run").count == 1)
        let everything = FileManager.default.enumerator(
            at: program.home, includingPropertiesForKeys: nil)
        let pictures = (everything?.allObjects as? [URL] ?? []).filter {
            $0.pathExtension == "png"
        }
        #expect(pictures.count == 1)
        await fake.stop()
    }

    /// More pictures than seeds: each has a name of its own, without a second number.
    @Test func picturesThatNobodyPlannedGetTheirIndex() async throws {
        let fake = try await FakeOpenAI.start()
        let program = try program("openai", fake)
        defer { program.remove() }
        for (pattern, names) in [
            ("a{index}.png", ["a0.png", "a1.png"]), ("b.png", ["b-1.png", "b.png"]),
        ] {
            let outcome = try await program.runAside(
                "generate", "x", "-b", "openai", "--base-url", fake.baseURL, "--extra", "n=2",
                "-o", pattern)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(program.files.filter { $0.first == names[0].first } == names)
        }
        await fake.stop()
    }

    /// Whatever a server calls its files, they get the names that were asked for here.
    @Test func aServersFileNameIsNoPath() async throws {
        let fake = try await FakeComfyUI.start()
        let program = try program("comfyui", fake)
        defer { program.remove() }
        fake.behave {
            $0.outputs = [
                "9": [
                    "images": [
                        ["filename": "../evil.png", "subfolder": "../..", "type": "output"],
                        ["filename": "/tmp/evil.png", "subfolder": "", "type": "output"],
                    ]
                ]
            ]
        }
        let picture = FakePicture.bytes(width: 8, height: 8, seed: 1)
        fake.server.inject(
            .answer(FakeResponse(200, "image/png", picture)), times: 2, on: "GET /view")
        let outcome = try await program.runAside(
            "generate", "x", "-b", "comfyui", "--base-url", fake.baseURL, "-o", "a.png", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(fake.server.requests("GET /view").count == 2)
        #expect(program.files == ["a-1.png", "a.png"])
        #expect(!outcome.output.contains("evil"))
        let below = FileManager.default.enumerator(atPath: program.home.path)
        #expect(!(below?.allObjects as? [String] ?? []).contains { $0.contains("evil") })
        await fake.stop()
    }

    @Test func aCheckAsksWithoutGenerating() async throws {
        let fake = try await FakeSegmind.start()
        var program = try program("segmind", fake)
        defer { program.remove() }
        let fine = try await program.runAside(
            "backends", "check", "segmind", "--base-url", fake.baseURL)
        #expect(fine.status == 0, "\(fine.output)")
        #expect(fine.output.contains("takes the key"))
        #expect(fine.output.contains("credits left: 100.50"))
        program.environment["SEGMIND_API_KEY"] = "wrong-one"
        let refused = try await program.runAside(
            "backends", "check", "segmind", "--base-url", fake.baseURL)
        #expect(refused.status == 1)
        #expect(refused.output.contains("refuses the key"))
        #expect(fake.server.requests("POST ").isEmpty)
        await fake.stop()
        let nobody = try await program.runAside(
            "backends", "check", "segmind", "--base-url", fake.baseURL)
        #expect(nobody.status == 1)
        #expect(nobody.output.contains("does not answer"))
    }

    @Test func keysComeFromCommandsAndFilesOfOneOwner() async throws {
        let fake = try await FakeOctoAI.start()
        let program = try CommandLineProgram()
        defer { program.remove() }
        let file = program.home.appendingPathComponent("key")
        try Data((fake.key ?? "").utf8).write(to: file)
        func run(_ source: String, mode: Int) async throws -> CommandLineProgram.Outcome {
            try FileManager.default.setAttributes(
                [.posixPermissions: mode], ofItemAtPath: file.path)
            try configure(program, "mine", kind: "octoai", fake, source)
            return try await program.runAside("generate", "x", "-b", "mine", "-o", "a.png")
        }
        let byFile = #"keyFile: "\#(file.path)""#
        let owned = try await run(byFile, mode: 0o600)
        #expect(owned.status == 0)
        let open = try await run(byFile, mode: 0o644)
        #expect(open.status == 1)
        #expect(open.errors.contains("chmod 600"))
        let byCommand = try await run(#"keyCommand: "cat \#(file.path)""#, mode: 0o600)
        #expect(byCommand.status == 0, "\(byCommand.errors)")
        let failing = try await run(#"keyCommand: "exit 3""#, mode: 0o600)
        #expect(failing.status == 1)
        #expect(failing.errors.contains("status 3"))
        await fake.stop()
    }

    private func configure(
        _ program: CommandLineProgram, _ name: String, kind: String, _ fake: any FakeService,
        _ more: String = "parallelJobs: 1"
    ) throws {
        let folder = program.home.appendingPathComponent("latent/config")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let text = """
            {backends: {"\(name)": {kind: "\(kind)", baseURL: "\(fake.baseURL)",
              pollInterval: 0.05, \(more)}}}
            """
        try Data(text.utf8).write(to: folder.appendingPathComponent("config.json"))
    }
}
