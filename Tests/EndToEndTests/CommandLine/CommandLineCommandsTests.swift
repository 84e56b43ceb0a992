import Foundation
import Generation
import Images
import Testing

/// The other commands, without a terminal.
@Suite struct CommandLineCommandsTests {
    @Test func doctorReportsWithoutATerminal() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run("doctor", "--json")
        #expect(outcome.status == 0)
        let report = try outcome.object()
        for key in ["version", "libraries", "cpu", "terminal", "models", "backends", "folders"] {
            #expect(report[key] != nil, "\(key)")
        }
        let libraries = try #require(report["libraries"] as? [String: String])
        #expect(libraries["libpng"]?.hasPrefix("1.") == true)
        let people = try program.run("doctor")
        #expect(people.status == 0)
        #expect(people.output.contains("kernels"))
    }

    @Test func backendsListTheFake() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run("backends", "list", "--json")
        #expect(outcome.status == 0)
        let list = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
        #expect(list.compactMap { $0["name"] as? String }.starts(with: ["local", "fake"]))
        #expect(list[1]["capabilities"] is [String: Any])
    }

    @Test func theFakeIsOfferedToTestsOnly() throws {
        var program = try CommandLineProgram()
        defer { program.remove() }
        program.environment["LATENT_FAKE_BACKEND"] = nil
        let outcome = try program.run("generate", "x", "-b", "fake")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("no backend \"fake\""))
    }

    @Test func infoTellsWhatAForeignFileIs() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let image = PixelImage(width: 3, height: 2, filledWith: (1, 2, 3))
        try AtomicFile.write(image.encoded(as: .png), to: program.path("bare.png"))
        let bare = try program.run("info", program.path("bare.png"))
        #expect(bare.status == 0)
        #expect(bare.output.contains("3x2 png"))
        #expect(bare.output.contains("request         none"))
        try Data("hello".utf8).write(to: program.work.appendingPathComponent("text.png"))
        let text = try program.run("info", program.path("text.png"))
        #expect(text.status == 1)
        let missing = try program.run("info", program.path("missing.png"))
        #expect(missing.status == 1)
        #expect(missing.errors.contains("missing.png could not be read"))
        #expect(missing.output.isEmpty)
    }

    @Test(arguments: ["text", "blocks", "blocks-256", "sixel", "kitty", "kitty-direct", "iterm2"])
    func viewDrawsInEveryWayThatIsForced(_ way: String) throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let image = PixelImage(width: 40, height: 20, filledWith: (200, 30, 90))
        try AtomicFile.write(image.encoded(as: .png), to: program.path("a.png"))
        let outcome = try program.run("view", program.path("a.png"), "--graphics", way)
        #expect(outcome.status == 0)
        let marks = [
            "text": "::::", "blocks": "\u{1B}[38;2;200;30;90m", "blocks-256": "\u{1B}[38;5;",
            "sixel": "\u{1B}P0;1;0q\"1;1;", "kitty": "U=1", "kitty-direct": "a=T,C=1",
            "iterm2": "]1337;File=inline=1",
        ]
        #expect(
            outcome.output.contains(try #require(marks[way])), "\(outcome.output.debugDescription)")
    }

    @Test func modelsKeepNamesOfPaths() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let lora = program.path("style.safetensors")
        try Data("weights".utf8).write(to: URL(fileURLWithPath: lora))
        #expect(try program.run("models", "add", lora, "--kind", "lora").status == 0)
        let list = try program.run("models", "list")
        #expect(list.output.contains("lora  style  \(lora)"))
        let hash = try program.run("models", "hash", "style")
        // SHA-256 of "weights".
        #expect(
            hash.output.hasPrefix(
                "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"))
        #expect(try program.run("models", "rm", "style").status == 0)
        #expect(try program.run("models", "list").output.contains("style") == false)
        #expect(FileManager.default.fileExists(atPath: lora), "files stay")
        let missing = try program.run("models", "show", "nothing")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("No model is called nothing"))
        let notAModel = try program.run("models", "add", lora)
        #expect(notAModel.status == 1, "only what opens as a checkpoint is taken for one")
    }

    @Test func theJournalIsListedSearchedAndAnnotated() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        for prompt in ["a red fox", "a blue whale"] {
            _ = try program.run("generate", prompt, "-b", "fake", "-s", "3")
        }
        let list = try program.run("history", "--json")
        #expect(list.status == 0)
        #expect(try list.object()["total"] as? Int == 2)
        let found = try program.run("history", "search", "WHALE", "--json")
        let jobs = try #require(try found.object()["jobs"] as? [[String: Any]])
        #expect(jobs.map { $0["prompt"] as? String } == ["a blue whale"])
        let id = try #require(jobs.first?["id"] as? String)
        #expect(try program.run("history", "star", id).status == 0)
        #expect(try program.run("history", "tag", id, "sea").status == 0)
        #expect(try program.run("history", "note", id, "keep").status == 0)
        let starred = try program.run("history", "list", "--starred", "--tag", "sea", "--json")
        #expect(try starred.object()["total"] as? Int == 1)
        let show = try program.run("history", "show", id)
        #expect(show.output.contains("a blue whale") && show.output.contains("keep"))
        #expect(try program.run("history", "rm", id).status == 0)
        #expect(try program.run("history", "list", "--json").object()["total"] as? Int == 1)
        #expect(try program.run("history", "rm", "--undo", id).status == 0)
        #expect(try program.run("history", "list", "--json").object()["total"] as? Int == 2)
        let unknown = try program.run("history", "show", "01JD0000000000000000000000")
        #expect(unknown.status == 1)
        let bad = try program.run("history", "list", "--limit", "x", "--since", "yesterday")
        #expect(bad.status == 2)
        #expect(bad.errors.contains("--limit x") && bad.errors.contains("--since yesterday"))
    }

    @Test func replayTellsWhetherPicturesComeOutTheSame() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        _ = try program.run(
            "generate", "a fox", "-b", "fake", "-s", "3,4", "-o", program.path("f-{seed}.png"))
        let same = try program.run("replay", "--verify", "last", program.path("f-4.png"))
        #expect(same.status == 0)
        let lines = same.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.hasSuffix("identical") })
        let changed = try program.run("replay", "--verify", "last", "--set", "seeds=9", "--json")
        #expect(changed.status == 3)
        #expect(try changed.object()["isIdentical"] as? Bool == false)
        let wrong = try program.run("replay", "last", "--set", "stepz=3", "--threads", "0")
        #expect(wrong.status == 2)
        #expect(wrong.errors.contains("stepz") && wrong.errors.contains("--threads 0"))
        #expect(try program.run("replay", "nothing").status == 1)
        #expect(program.files == ["f-3.png", "f-4.png"], "nothing is written without -o")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsNameEveryCommand(_ shell: String) throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run("completions", shell)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("generate"))
        #expect(outcome.output.contains("high-noise-fraction"))
    }

    @Test func versionAndHelpGoToStdout() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let version = try program.run("--version")
        #expect(version.status == 0 && version.errors.isEmpty)
        #expect(version.output.split(separator: ".").count == 3)
        let help = try program.run("generate", "--help")
        #expect(help.status == 0 && help.errors.isEmpty)
        #expect(help.output.contains("--negative"))
    }

    @Test func withoutATerminalTheStudioSaysSo() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("terminal"))
        #expect(outcome.output.isEmpty)
    }
}
