import Foundation
import Generation
import Images
import Testing

/// `latent generate` as scripts use it: the built binary and the fake backend.
@Suite struct CommandLineGenerateTests {
    @Test func onePictureGoesWhereItWasAskedFor() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run(
            "generate", "a cat", "-b", "fake", "-s", "7", "-o", program.path("out.png"), "--json")
        #expect(outcome.status == 0)
        #expect(program.files == ["out.png"])
        let report = try outcome.object()
        #expect(report["status"] as? String == "finished")
        #expect(report["backend"] as? String == "fake")
        #expect((report["id"] as? String)?.count == 26)
        let request = try #require(report["request"] as? [String: Any])
        #expect(request["prompt"] as? String == "a cat")
        #expect(request["steps"] as? Int == 4, "defaults are filled in")
        #expect(request["seeds"] as? [Int] == [7])
        #expect(Set(request.keys) == Set(RequestField.allCases.map(\.rawValue)))
        let images = try #require(report["images"] as? [[String: Any]])
        let image = try #require(images.first)
        #expect(images.count == 1)
        #expect(image["path"] as? String == program.path("out.png"))
        #expect(image["seed"] as? Int == 7)
        #expect(image["width"] as? Int == 64 && image["height"] as? Int == 64)
        let pixels = try ImageFile.read(program.path("out.png"))
        #expect(pixels.width == 64)
        #expect((image["pixelsSHA256"] as? String)?.count == 64)
        let timing = try #require(report["timing"] as? [String: Any])
        #expect(Set(timing.keys).isSuperset(of: ["load", "encode", "denoise", "decode", "total"]))
        #expect(outcome.output.split(separator: "\n").count == 1, "one object on one line")
        #expect(program.journal.contains("\"record\":\"finished\""))
    }

    @Test func withoutJSONStdoutStaysEmpty() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run(
            "generate", "x", "-b", "fake", "-o", program.path("a.png"))
        #expect(outcome.status == 0)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("a.png"))
        #expect(!outcome.errors.contains("\u{1B}"), "no bar and no colours without a terminal")
    }

    @Test func withoutAPathPicturesGoToTheDataFolder() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run("generate", "x", "-b", "fake", "--count", "2", "--json")
        let images = try #require(try outcome.object()["images"] as? [[String: Any]])
        let paths = images.compactMap { $0["path"] as? String }
        #expect(Set(paths).count == 2)
        for path in paths {
            #expect(path.hasPrefix(program.home.path + "/latent/data/images/"))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600, "pictures hold prompts")
        }
    }

    @Test func severalPicturesNeverShareAFile() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        _ = try program.run(
            "generate", "x", "-b", "fake", "-s", "5,5,9", "-o", program.path("p.png"))
        #expect(program.files == ["p-0.png", "p-1.png", "p-2.png"])
        _ = try program.run(
            "generate", "x", "-b", "fake", "-s", "5", "--count", "2", "-o",
            program.path("q-{seed}-{index}.jpg"))
        #expect(program.files.filter { $0.hasPrefix("q") } == ["q-5-0.jpg", "q-6-1.jpg"])
        let jpeg = try ImageFile.bytes(at: program.path("q-5-0.jpg"))
        #expect(ImageFormat(firstBytes: jpeg) == .jpeg)
    }

    @Test func whatAPictureSaysMakesTheSameRequestAgain() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        _ = try program.run(
            "generate", "a (red:1.2) fox", "-n", "blurry", "-b", "fake", "--seed",
            "18446744073709551615", "--sampler", "DPM++ 2M Karras", "-o", program.path("a.png"))
        let info = try program.run("info", "--json", program.path("a.png"))
        #expect(info.status == 0)
        try Data(info.output.utf8).write(to: program.work.appendingPathComponent("r.json"))
        let again = try program.run(
            "generate", "--request", program.path("r.json"), "-o", program.path("b.png"), "--json")
        #expect(again.status == 0)
        let request = try RequestDecoding.request(in: again.output)
        #expect(request.prompt == "a (red:1.2) fox")
        #expect(request.negativePrompt == "blurry")
        #expect(request.seeds == [.max])
        #expect(request.sampler == .dpmpp2m)
        #expect(request.schedule == .karras)
        #expect(
            try ImageFile.read(program.path("a.png")) == ImageFile.read(program.path("b.png")))
        let changed = try program.run(
            "generate", "other", "--request", program.path("r.json"), "--steps", "9", "--dry-run",
            "--json")
        let other = try RequestDecoding.request(in: changed.output)
        #expect(other.prompt == "other" && other.steps == 9 && other.seeds == [.max])
    }

    @Test func noMetadataLeavesNothingInside() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        for name in ["a.png", "a.jpg"] {
            _ = try program.run(
                "generate", "secretword", "-b", "fake", "--no-metadata", "-o", program.path(name))
            let bytes = try ImageFile.bytes(at: program.path(name))
            #expect(!String(decoding: bytes, as: UTF8.self).contains("secretword"))
        }
    }

    @Test func noHistoryLeavesNoEntry() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run(
            "generate", "x", "-b", "fake", "--no-history", "-o", program.path("a.png"))
        #expect(outcome.status == 0)
        #expect(program.journal.isEmpty)
    }

    @Test func aDryRunMakesNothing() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run(
            "generate", "x", "-b", "fake", "--dry-run", "--json", "-s", "3", "-o",
            program.path("a.png"))
        #expect(outcome.status == 0)
        #expect(try outcome.object()["status"] as? String == "planned")
        #expect(program.files.isEmpty)
        #expect(program.journal.isEmpty)
    }

    @Test func progressLinesAreJSON() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run(
            "generate", "x", "-b", "fake", "--progress-json", "-o", program.path("a.png"))
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.count >= 7)
        var steps: [Int] = []
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let record = try #require(object as? [String: Any])
            #expect(record["stage"] is String)
            if record["stage"] as? String == "sampling", let step = record["step"] as? Int {
                steps.append(step)
            }
        }
        #expect(steps == [0, 1, 2, 3, 4])
    }

    @Test func theEveryDayStylesAndPresetsApply() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let wrong = try program.run("generate", "x", "-b", "fake", "--preset", "nonsense")
        #expect(wrong.status == 2)
        #expect(wrong.errors.contains("--preset nonsense: one of "))
        let unknown = try program.run("generate", "x", "-b", "fake", "--style", "nonsense")
        #expect(unknown.status == 2)
        #expect(unknown.errors.contains("--style"))
    }
}

/// Reads the request out of `--json`.
enum RequestDecoding {
    private struct Report: Decodable {
        let request: GenerationRequest
    }

    static func request(in output: String) throws -> GenerationRequest {
        try JSONDecoder().decode(Report.self, from: Data(output.utf8)).request
    }
}
