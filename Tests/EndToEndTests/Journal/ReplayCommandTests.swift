import Foundation
import Testing

/// `latent replay` on the real engine with a tiny model: the promise of identical bits.
@Suite struct ReplayCommandTests {
    /// A program with a copy of the tiny model, which a test may change.
    private func program() throws -> (CommandLineProgram, model: String) {
        let program = try CommandLineProgram()
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("DiffusionTests/Fixtures/models/three-levels")
        let model = program.path("model")
        try FileManager.default.copyItem(at: fixtures, to: URL(fileURLWithPath: model))
        return (program, model)
    }

    private static let session = "latent/data/sessions"

    private func sessionFile(_ program: CommandLineProgram) throws -> String {
        let folder = program.home.appendingPathComponent(Self.session)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let name = try #require(names.first { $0.hasSuffix(".jsonl") })
        return folder.appendingPathComponent(name).path
    }

    @Test func tenJobsReplayIdenticallyInAnotherProcessWithOtherThreads() throws {
        let (program, model) = try program()
        defer { program.remove() }
        let samplers = [
            "euler", "euler-ancestral", "heun", "dpmpp-2m", "dpmpp-2m-sde", "ddim", "unipc", "lcm",
            "dpmpp-sde", "deis",
        ]
        for (number, sampler) in samplers.enumerated() {
            let outcome = try program.run(
                "generate", "a fox, \(number)", "-m", model, "--sampler", sampler, "--steps", "2",
                "-W", String(64 + number % 3 * 8), "-H", String(64 + number % 2 * 8),
                "--count", String(1 + number % 3), "--seed", String(number), "--precision",
                number % 2 == 0 ? "f32" : "bf16", "--threads", "1",
                "--memory", number % 4 < 2 ? "resident" : "auto")
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
        let replay = try program.run(
            "replay", try sessionFile(program), "--verify", "--threads", "2", "--json")
        #expect(replay.status == 0, "\(replay.errors)")
        let report = try replay.object()
        #expect(report["isIdentical"] as? Bool == true)
        let results = try #require(report["results"] as? [[String: Any]])
        #expect(results.count == 10)
        let verdicts = results.flatMap { $0["verdicts"] as? [[String: Any]] ?? [] }
        #expect(verdicts.count == 19)
        #expect(verdicts.allSatisfy { $0["kind"] as? String == "identical" })

        // Picture 2 of a batch holds its own seed: run alone it is the same picture.
        let images = program.home.appendingPathComponent("latent/data/images")
        let names = try FileManager.default.contentsOfDirectory(atPath: images.path)
        let third = try #require(names.first { $0.hasSuffix("-2.png") })
        let alone = try program.run(
            "replay", images.appendingPathComponent(third).path, "--verify")
        #expect(alone.status == 0)
        #expect(alone.output.hasSuffix("identical\n"))
    }

    @Test func aChangedWeightFileIsNamedAsTheReason() throws {
        let (program, model) = try program()
        defer { program.remove() }
        let made = try program.run("generate", "a fox", "-m", model, "--steps", "2", "--seed", "1")
        try #require(made.status == 0, "\(made.errors)")
        let unet = URL(fileURLWithPath: model).appendingPathComponent("unet")
        let names = try FileManager.default.contentsOfDirectory(atPath: unet.path)
        let weights = unet.appendingPathComponent(
            try #require(names.first { $0.hasSuffix(".safetensors") }))
        var bytes = try Data(contentsOf: weights)
        // The sign bits of the last tensor's numbers, whatever their type.
        for index in stride(from: bytes.count - 1, to: bytes.count - 4000, by: -2) {
            bytes[index] ^= 0x80
        }
        try bytes.write(to: weights)
        let replay = try program.run("replay", "last", "--verify")
        #expect(replay.status == 3, "\(replay.errors)")
        #expect(replay.output.contains("model hash: "))
        let changed = try program.run("replay", "last", "--verify", "--set", "seed=2")
        #expect(changed.status == 3)
        #expect(changed.output.contains("seeds was changed to 2; model hash: "))
    }

    @Test func aStoppedReplayContinues() throws {
        var program = try CommandLineProgram()
        defer { program.remove() }
        for number in 0..<3 {
            let made = try program.run("generate", "job \(number)", "-b", "fake", "-s", "1")
            try #require(made.status == 0)
        }
        let session = try sessionFile(program)
        program.environment["LATENT_FAKE_BACKEND"] = "2000"
        let running = try program.start("replay", session, "--verify")
        let folder = program.home.appendingPathComponent("latent/state/replays").path
        let deadline = ContinuousClock.now + .seconds(60)
        while (try? FileManager.default.contentsOfDirectory(atPath: folder))?.isEmpty ?? true {
            try #require(ContinuousClock.now < deadline)
            usleep(5000)
        }
        running.send(SIGINT)
        #expect(try running.wait().status == 130)
        // What was done is not done again: a step that fails now is never reached by it.
        program.environment["LATENT_FAKE_BACKEND"] = "0"
        let rest = try program.run("replay", session, "--verify")
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(rest.output.components(separatedBy: "identical").count == 4)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test func whatCannotBeReplayedIsRefused() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        #expect(try program.run("replay", "NOSUCHJOB").status == 1)
        #expect(try program.run("replay", "last", "--set", "nonsense=1").status == 2)
        try Data("no session".utf8).write(to: program.work.appendingPathComponent("a.jsonl"))
        let outcome = try program.run("replay", program.path("a.jsonl"))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("is not a session file"))
    }
}
