import Foundation
import Testing

/// `latent history` through the built program.
@Suite struct HistoryCommandTests {
    private func filled() throws -> CommandLineProgram {
        let program = try CommandLineProgram()
        for prompt in ["a red fox", "a blue house"] {
            let made = try program.run(
                "generate", prompt, "-b", "fake", "-s", "7", "-W", "64", "-H", "64")
            try #require(made.status == 0, "\(made.errors)")
        }
        return program
    }

    private func prompts(_ program: CommandLineProgram, _ arguments: String...) throws -> [String] {
        let command = ([CommandLineProgram.binary.path, "history"] + arguments + ["--json"])
            .map { "'\($0)'" }.joined(separator: " ")
        let outcome = try program.shell(command)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let jobs = try #require(try outcome.object()["jobs"] as? [[String: Any]])
        return jobs.compactMap { $0["prompt"] as? String }
    }

    @Test func listsSearchesAndAnnotates() throws {
        let program = try filled()
        defer { program.remove() }
        #expect(try prompts(program, "list") == ["a blue house", "a red fox"])
        #expect(try prompts(program, "list", "--limit", "1") == ["a blue house"])
        #expect(try prompts(program, "search", "RED") == ["a red fox"])
        #expect(try prompts(program, "search", "blhs", "--fuzzy") == ["a blue house"])
        #expect(try prompts(program, "star", "last") == ["a blue house"])
        #expect(try prompts(program, "tag", "last", "keep") == ["a blue house"])
        #expect(try prompts(program, "rate", "last", "5") == ["a blue house"])
        #expect(try prompts(program, "list", "--starred", "--tag", "keep") == ["a blue house"])
        #expect(try program.run("history", "rate", "last", "6").status == 2)
        #expect(try program.run("history", "show", "ZZZZZZ").status == 1)
        #expect(try program.run("history", "diff", "last").status == 1)
    }

    @Test func removingCanBeUndoneAndErasingNot() throws {
        let program = try filled()
        defer { program.remove() }
        #expect(try prompts(program, "rm", "last") == ["a blue house"])
        #expect(try prompts(program, "list") == ["a red fox"])
        #expect(try prompts(program, "rm", "--undo") == ["a blue house"])
        #expect(try prompts(program, "list").count == 2)
        #expect(try program.run("history", "rm", "--purge", "last").status == 0)
        #expect(try prompts(program, "list") == ["a red fox"])
        #expect(!program.journal.contains("a blue house"))
    }

    @Test func exportsGoToAnotherHome() throws {
        let program = try filled()
        defer { program.remove() }
        for name in ["folder", "a.zip", "t.csv", "sheet.png"] {
            let outcome = try program.run("history", "export", program.path(name))
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        var other = try CommandLineProgram()
        defer { other.remove() }
        other.environment["LATENT_FAKE_BACKEND"] = "0"
        #expect(try other.run("history", "import", program.path("a.zip")).status == 0)
        #expect(try prompts(other, "list") == ["a blue house", "a red fox"])
        let replay = try other.run("replay", program.path("folder/session.jsonl"), "--verify")
        #expect(replay.status == 0, "\(replay.output)\(replay.errors)")
        #expect(try other.run("replay", "last", "--verify").status == 0)
    }

    @Test func damageIsFoundAndRepaired() throws {
        let program = try filled()
        defer { program.remove() }
        #expect(try program.run("history", "check").status == 0)
        let folder = program.home.appendingPathComponent("latent/data/sessions")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let session = folder.appendingPathComponent(
            try #require(names.first { $0.hasSuffix(".jsonl") }))
        var data = try Data(contentsOf: session)
        data.append(contentsOf: Array("garbage \u{1b}[2J\n{\"version\":1".utf8))
        try data.write(to: session)
        let found = try program.run("history", "check")
        #expect(found.status == 1)
        #expect(found.output.contains("not a record"))
        #expect(!found.output.contains("\u{1b}"))
        #expect(try program.run("history", "check", "--repair").status == 0)
        #expect(try program.run("history", "check").status == 0)
        #expect(try prompts(program, "list").count == 2)
    }

    @Test func aKilledJobIsInterruptedAndTakenUp() throws {
        var program = try CommandLineProgram()
        defer { program.remove() }
        program.environment["LATENT_FAKE_BACKEND"] = "5000"
        let running = try program.start("generate", "a long job", "-b", "fake", "-s", "3")
        let deadline = ContinuousClock.now + .seconds(60)
        while !program.journal.contains("\"started\"") {
            try #require(ContinuousClock.now < deadline)
            usleep(5000)
        }
        #expect(try prompts(program, "list", "--status", "running") == ["a long job"])
        running.send(SIGKILL)
        _ = try running.wait()
        program.environment["LATENT_FAKE_BACKEND"] = "0"
        #expect(try prompts(program, "list", "--status", "interrupted") == ["a long job"])
        let resumed = try program.run("history", "resume", "--json")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try prompts(program, "list", "--status", "finished") == ["a long job"])
        #expect(try program.run("history", "diff", "last").status == 0)
        let nothing = try program.run("history", "resume")
        #expect(nothing.errors.contains("No job was interrupted"))
    }
}
