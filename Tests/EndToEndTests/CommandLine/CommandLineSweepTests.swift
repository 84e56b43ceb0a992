import Foundation
import Generation
import History
import Images
import Testing

@testable import latent

/// `latent sweep` and dynamic prompts as scripts use them.
@Suite struct CommandLineSweepTests {
    @Test func axesAreRead() throws {
        let spec = try SweepSpec.read("steps=4..8:2; y: cfg=1,2.5 ; replace=cat,\"a, b\"")
        #expect(spec.x?.values == ["4", "6", "8"])
        #expect(spec.y?.values == ["1", "2.5"])
        #expect(spec.z?.values == ["cat", "a, b"])
        #expect(spec.count == 12)
        let file = try SweepSpec.read(
            "{x: {field: 'steps', values: [1, 2]}, y: 'cfg=0.5..1.5:0.5',}")
        #expect(file.x?.values == ["1", "2"] && file.y?.values == ["0.5", "1", "1.5"])
    }

    @Test(arguments: [
        "nothing", "stepz=1", "steps=", "x: steps=1; x: cfg=1", "a=1;b=2;c=3;d=4", "replace=cat",
        "steps=5..1", "steps=1..9999", "{x: 3}", "{}", "steps=\"1",
    ])
    func badAxesAreRefusedInASentence(spec: String) throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run("sweep", spec, "a cat", "-b", "fake")
        #expect(outcome.status == 2, "\(spec): \(outcome.errors)")
        #expect(outcome.errors.hasPrefix("SPEC") || outcome.errors.contains("SPEC"))
        #expect(!outcome.errors.contains("--set"))
        #expect(program.journal.isEmpty)
    }

    @Test func cellsAreJobsOnALabelledSheet() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let sheet = program.path("sheet.png")
        let outcome = try program.run(
            "sweep", "steps=1,2,3; replace=cat,dog", "a cat", "-b", "fake", "-s", "5", "-o", sheet,
            "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try outcome.object()
        let cells = try #require(report["cells"] as? [[String: Any]])
        #expect(cells.count == 6)
        #expect(Set(cells.compactMap { $0["id"] as? String }).count == 6)
        let picture = try ImageFile.read(sheet)
        #expect(picture.width > 3 * 64 && picture.height > 2 * 64)
        #expect(program.journal.components(separatedBy: "\"record\":\"finished\"").count == 7)
        #expect(program.journal.contains("\"origin\":\"sweep\""))
        // In a new home too the cells' own pictures go where pictures live.
        let images = program.home.appendingPathComponent("latent/data/images").path
        #expect(try FileManager.default.contentsOfDirectory(atPath: images).count == 6)
        #expect(program.journal.contains("a dog"))
        // The same command again finds everything done.
        let again = try program.run(
            "sweep", "steps=1,2,3; replace=cat,dog", "a cat", "-b", "fake", "-s", "5", "-o", sheet)
        #expect(again.errors.contains("6 of 6 cells are done"))
        #expect(program.journal.components(separatedBy: "\"record\":\"finished\"").count == 7)
    }

    @Test func aStoppedSweepGoesOn() throws {
        var program = try CommandLineProgram(fake: "40")
        defer { program.remove() }
        let sheet = program.path("sheet.png")
        let running = try program.start(
            "sweep", "steps=1,2,900", "a cat", "-b", "fake", "-o", sheet)
        try running.waitForErrors("3 of 3")
        running.send(SIGINT)
        let stopped = try running.wait()
        #expect(stopped.status == 130)
        #expect(stopped.errors.contains("sheet.sweep.json"))
        program.environment["LATENT_FAKE_BACKEND"] = "0"
        let outcome = try program.run(
            "sweep", program.path("sheet.sweep.json"), "-o", sheet, "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("2 of 3 cells are done"))
        #expect(program.files.contains("sheet.png"))
    }

    @Test func dynamicPromptsAreExpandedRecordedAndDrawnAgain() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let lists = program.home.appendingPathComponent("latent/config/wildcards")
        try FileManager.default.createDirectory(at: lists, withIntermediateDirectories: true)
        try Data("red\nblue\ngreen\n".utf8).write(to: lists.appendingPathComponent("colour.txt"))
        let outcome = try program.run(
            "generate", "a __colour__ {cat|dog|owl}", "-b", "fake", "-s", "3", "-o",
            program.path("a.png"), "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let request = try #require(try outcome.object()["request"] as? [String: Any])
        #expect(request["prompt"] as? String == "a __colour__ {cat|dog|owl}")
        let expansion = try #require(request["expansion"] as? [String: Any])
        let text = try #require(expansion["prompt"] as? String)
        #expect(!text.contains("_") && !text.contains("{"))
        try Data(outcome.output.utf8).write(to: program.work.appendingPathComponent("r.json"))
        let again = try program.run(
            "generate", "--request", program.path("r.json"), "--reroll", "2", "-o",
            program.path("b.png"), "--json")
        let other = try #require(try again.object()["request"] as? [String: Any])
        let second = try #require((other["expansion"] as? [String: Any])?["prompt"] as? String)
        #expect(second.split(separator: " ")[1] == text.split(separator: " ")[1])
        #expect(second.split(separator: " ")[2] != text.split(separator: " ")[2])
        let replayed = try program.run(
            "replay", program.path("b.png"), "--set", "prompt=one {blue} cat", "-o",
            program.path("c.png"))
        #expect(replayed.status == 0, "\(replayed.errors)")
        let info = try program.run("info", program.path("c.png"), "--json")
        #expect(info.output.contains("one blue cat"))
        let missing = try program.run("generate", "__none__", "-b", "fake")
        #expect(missing.status == 2 && missing.errors.contains("no wildcard list"))
    }
}
