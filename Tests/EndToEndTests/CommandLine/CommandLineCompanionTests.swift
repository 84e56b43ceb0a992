import Foundation
import Testing

/// What ships with the embedded model is used by its names, without paths.
@Suite struct CommandLineCompanionTests {
    @Test func theyAreListed() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let lines = try program.run("models").output.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("lora  old-photo  ") })
        #expect(lines.contains { $0.hasPrefix("lora  four-steps  ") })
        #expect(lines.contains { $0.hasPrefix("controlnet  canny  ") })
        #expect(lines.contains { $0.hasPrefix("embedding  winter-home  ") })
    }

    @Test(arguments: [("old-photo", "lora"), ("canny", "controlnet"), ("winter-home", "embedding")])
    func theyAreShown(name: String, kind: String) throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run("models", "show", name)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("\(name): \(kind)\n"))
    }

    @Test func namesInThePromptTakePart() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run(
            "generate", "winter-home, <lora:old-photo:0.5>", "-s", "1", "--steps", "1",
            "-o", program.path("a.png"), "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let request = try #require(try outcome.object()["request"] as? [String: Any])
        let loras = try #require(request["loras"] as? [[String: Any]])
        #expect(loras.map { $0["name"] as? String } == ["old-photo"])
        let embeddings = try #require(request["embeddings"] as? [[String: Any]])
        #expect(embeddings.map { $0["token"] as? String } == ["winter-home"])
    }

    @Test func theyAreNoWordsOfAnotherModel() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let other = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../DiffusionTests/Fixtures/models/three-levels")
        let outcome = try program.run(
            "generate", "winter-home", "-m", other.standardizedFileURL.path, "--dry-run", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let request = try #require(try outcome.object()["request"] as? [String: Any])
        #expect(try #require(request["embeddings"] as? [Any]).isEmpty)
    }
}
