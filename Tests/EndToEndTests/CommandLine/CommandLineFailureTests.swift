import Foundation
import Generation
import Images
import Testing

@testable import latent

/// Exit statuses, messages, and what is left behind when something goes wrong.
@Suite struct CommandLineFailureTests {
    @Test func allProblemsAreToldTogetherWithStatusTwo() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run(
            "generate", "x", "-b", "fake", "--steps", "0", "--width", "13", "--cfg", "nan",
            "--sampler", "foo", "--seed", "-1", "--control-scale", "1", "--outpaint", "1,2,3",
            "--init", "missing.png", "--threads", "many", "-o", "no/such/folder/a.png")
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
        for part in [
            "--steps 0: a whole number from 1 to 1000", "--width 13: a multiple of 8",
            "--cfg nan: a number", "--sampler foo: one of euler", "--seed -1: whole numbers from 0",
            "--control-scale 1: must follow the --control", "--outpaint 1,2,3: four whole numbers",
            "--init: missing.png could not be read", "--threads many: a whole number",
            "--output: no/such/folder/a.png could not be written",
        ] {
            #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)")
        }
        #expect(program.files.isEmpty)
        #expect(program.journal.isEmpty)
    }

    @Test(arguments: [
        (["generate"], "PROMPT: a prompt is needed"),
        (["generate", "x", "--bogus"], "--bogus"),
        (["generate", "x", "--steps"], "--steps"),
        (["generate", "x", "y"], "y"),
        (["bogus"], "bogus"),
        (["generate", "x", "-b", "nobody"], "no backend \"nobody\""),
        (["generate", "x", "-b", "fake", "-o", "a.webp"], "PNG and JPEG"),
        (["generate", "x", "-b", "fake", "-o", "{nope}.png"], "{nope} is not one of"),
        (["generate", "x", "-b", "fake", "--format", "gif"], "--format gif: one of png, jpeg"),
        (["generate", "x", "-b", "fake", "--count", "0"], "--count 0"),
        (["generate", "x", "-b", "fake", "--count", "65"], "--count 65: at most 64"),
        (
            ["generate", "x", "-b", "fake", "-o", "k.png", "--latents-out", "./k.png"],
            "--latents-out ./k.png: the picture goes to the same path"
        ),
        (["generate", "x", "-b", "fake", "-s", "1,2", "--count", "3"], "--count 3: 2 seeds"),
        (["generate", "x", "-b", "fake", "--no-wait"], "--no-wait: only for remote"),
        (["generate", "--request", "missing.json"], "--request"),
        (["completions", "tcsh"], "one of bash, zsh, fish"),
        (["view", "a.png", "--graphics", "crayon"], "--graphics crayon"),
        (["models", "add", "x", "--kind", "car"], "--kind car"),
    ])
    func badArgumentsGiveStatusTwo(_ arguments: [String], _ part: String) throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try CommandLineProgram.Running(
            program, executable: CommandLineProgram.binary, arguments, input: Data()
        ).wait()
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains(part), "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix("latent: "))
    }

    @Test(arguments: [
        ("{ \"prompt\": 3 }", "r.json: prompt: a text is needed"), ("{}", "prompt is missing"),
        ("not json", "not valid JSON"), ("{ \"prompt\": \"x\", \"stepz\": 3 }", "stepz"),
        ("{ \"version\": 99, \"prompt\": \"x\" }", "version 99"), ("[]", "an object"),
        (
            "{ \"request\": { \"prompt\": \"x\", \"steps\": 1.5 } }",
            "steps: a whole number is needed"
        ),
        ("{ \"prompt\": \"x\", \"seeds\": 3 }", "seeds: a list of whole numbers from 0"),
        ("{ \"prompt\": \"x\", \"seeds\": [3, -1] }", "seeds: a list of whole numbers from 0"),
    ])
    func aFileThatHoldsNoRequestIsExplained(_ text: String, _ part: String) throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        try Data(text.utf8).write(to: program.work.appendingPathComponent("r.json"))
        let outcome = try program.run("generate", "--request", program.path("r.json"))
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(part), "\(outcome.errors)")
    }

    @Test func everyProblemOfAFileIsToldAtOnce() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let text = #"""
            {"prompt": "x", "backend": "fake", "stepz": 3, "cfg": 1, "steps": 0, "width": "wide",
             "guidanceScale": true, "sampler": "foo", "schedule": "bar", "precision": "f16",
             "loras": [{"weight": 1}], "imagePrompts":
             [{"model": "m", "image": "i", "scale": 1, "method": "car"}]}
            """#
        try Data(text.utf8).write(to: program.work.appendingPathComponent("r.json"))
        let outcome = try program.run("generate", "--request", "r.json", "-o", "a.png")
        #expect(outcome.status == 2)
        for part in [
            "--request r.json: stepz: there is no such field", "r.json: cfg: there is no such",
            "--steps 0: a whole number from 1 to 1000", "r.json: width: a whole number is needed",
            "r.json: guidanceScale: a number is needed", "r.json: sampler: one of euler, ",
            "r.json: schedule: one of default, ", "r.json: precision: one of f32, bf16, int8",
            "r.json: loras[0].name is missing", "r.json: imagePrompts[0].method: one of full, ",
        ] {
            #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)")
        }
        for word in ["Swift", "Int", "Double", "String"] {
            #expect(!outcome.errors.contains(word), "\(outcome.errors)")
        }
    }

    @Test func aFailingBackendGivesStatusOneAndNoFile() throws {
        let program = try CommandLineProgram(fake: "0,fail=2")
        defer { program.remove() }
        let outcome = try program.run(
            "generate", "x", "-b", "fake", "-o", program.path("a.png"), "--json")
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("failed at step 2"))
        #expect(outcome.errors.contains("Hint: "))
        #expect(program.files.isEmpty)
        #expect(program.journal.contains("\"record\":\"failed\""))
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalStopsTheWorkAndSaysSo(_ signal: Int32) throws {
        let program = try CommandLineProgram(fake: "100")
        defer { program.remove() }
        let running = try program.start(
            "generate", "x", "-b", "fake", "--steps", "900", "--progress-json", "-o",
            program.path("a.png"))
        try running.waitForErrors("\"step\":1")
        running.send(signal)
        let outcome = try running.wait()
        #expect(outcome.status == 130)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("Interrupted"))
        #expect(program.files.isEmpty)
        #expect(program.journal.contains("\"record\":\"cancelled\""))
    }

    @Test func aFullDiskDoesNotCostThePicture() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run(
            "generate", "x", "-b", "fake", "-s", "1", "-o", "/dev/full", "--json")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("No space left on device"))
        let images = try #require(try outcome.object()["images"] as? [[String: Any]])
        let path = try #require(images.first?["path"] as? String)
        #expect(path.hasPrefix(program.home.path + "/latent/data/images/"))
        #expect(outcome.errors.contains(path), "the message says where it is")
        #expect(try ImageFile.read(path).width == 64)
    }

    @Test(arguments: ["{name}.png", "{seed}{name}.png"])
    func aNameThatIsTooLongIsRefusedBeforeTheWork(_ pattern: String) throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let name = pattern.replacingOccurrences(
            of: "{name}", with: String(repeating: "n", count: 251))
        let outcome = try program.run("generate", "x", "-b", "fake", "-s", "1,12", "-o", name)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("File name too long"), "\(outcome.errors)")
        #expect(program.journal.isEmpty)
    }

    @Test func aPictureWhoseNameFailsIsKeptUnderAShortOne() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let path = program.path(String(repeating: "n", count: 300) + ".png")
        var reader = ArgumentReader()
        let plan = OutputPlan(
            path: path, format: nil, folder: program.work, id: "ID", seeds: [1], reader: &reader)
        let writer = PictureWriter(
            plan: plan, recordedRequest: nil, job: nil, engine: nil, refuges: [program.work])
        let image = PixelImage(width: 1, height: 1, filledWith: (1, 2, 3))
        let outcome = try writer.write(GeneratedImage(index: 0, seed: 1, image: image))
        #expect(outcome.failure?.code == ENAMETOOLONG)
        #expect(outcome.picture.path == program.path("ID-0.png"))
        #expect(program.files == ["ID-0.png"])
    }

    @Test(arguments: [
        "generate x -b fake -o a.png --json", "generate x -b fake --dry-run --json",
        "doctor --json", "doctor", "--help",
    ])
    func outputThatIsLostIsAFailure(_ arguments: String) throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.shell("exec \"$LATENT\" \(arguments) >/dev/full")
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.contains("stdout could not be written: No space left on device"),
            "\(outcome.errors)")
    }

    @Test(arguments: [
        ["\u{1B}[31mfoo"], ["generate", "--\u{1B}[31m"], ["generate", "x", "\u{9B}31m\ny"],
    ])
    func theParsersMessagesCarryNoEscapes(_ arguments: [String]) throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try CommandLineProgram.Running(
            program, executable: CommandLineProgram.binary, arguments, input: Data()
        ).wait()
        #expect(outcome.status == 2)
        #expect(!outcome.errors.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" })
        #expect(outcome.errors.contains("31m"))
    }

    @Test func aJournalThatCannotBeWrittenNamesTheWayWithoutIt() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let data = program.home.appendingPathComponent("latent/data")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        try Data().write(to: data.appendingPathComponent("sessions"))
        let outcome = try program.run("generate", "x", "-b", "fake", "-o", "a.png")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("--no-history"), "\(outcome.errors)")
        let without = try program.run("generate", "x", "-b", "fake", "-o", "a.png", "--no-history")
        #expect(without.status == 0, "\(without.errors)")
        #expect(program.files == ["a.png"])
    }

    @Test func stdinIsAPromptOnlyWhenItIsText() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        func run(_ input: Data) throws -> CommandLineProgram.Outcome {
            try program.run("generate", "-", "-b", "fake", "--dry-run", "--json", input: input)
        }
        let good = try run(Data("ein Fuchs\n".utf8))
        #expect(good.status == 0)
        #expect(try RequestDecoding.request(in: good.output).prompt == "ein Fuchs")
        let bad = try run(Data([0x61, 0xFF]))
        #expect(bad.status == 2)
        #expect(bad.errors.contains("not valid UTF-8"))
        let long = try run(Data(repeating: 0x61, count: 1_000_000))
        #expect(long.status == 2)
        #expect(long.errors.contains("longer than"))
        let empty = try run(Data())
        #expect(empty.status == 0, "an empty prompt is a prompt")
    }

    @Test func anArgumentThatIsNoTextIsRefused() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.shell(
            "exec \"$LATENT\" generate \"$(printf 'a\\377')\" -b fake -o a.png")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("not valid UTF-8"))
        #expect(program.files.isEmpty)
    }

    @Test func aBrokenConfigurationNamesFileAndLine() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let folder = program.home.appendingPathComponent("latent/config")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("{\n thme: 1 }".utf8).write(to: folder.appendingPathComponent("config.json"))
        let outcome = try program.run("generate", "x", "-b", "fake")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("config.json, line 2: thme: no such key"))
    }
}
