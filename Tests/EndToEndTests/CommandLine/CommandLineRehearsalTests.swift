import Foundation
import Generation
import Images
import Testing

/// A dry run tells what the run would stumble over, without drawing anything.
@Suite struct CommandLineRehearsalTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../DiffusionTests/Fixtures").standardizedFileURL

    @Test(arguments: [
        (["--safety", "flag"], 2, "--safety flag: there is no safety checker"),
        (["--lora", "nowhere.safetensors"], 1, "no LoRA or textual inversion at nowhere"),
        (["--control", "nowhere", "--control-image", "white.png"], 1, "nowhere"),
        (
            ["--control", "FIXTURES/controls/three-levels-full", "--control-image", "white.png"],
            2, "was made for another base model"
        ),
        (["--init", "white.png", "--mask", "black.png"], 2, "nothing white"),
        (["--refiner", "nowhere"], 1, "nowhere"),
        (["--vae", "nowhere"], 1, "nowhere"),
    ])
    func whatTheRunLacksIsTold(_ arguments: [String], _ status: Int32, _ part: String) throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        for (name, level) in [("white", UInt8(255)), ("black", UInt8(0))] {
            let picture = PixelImage(
                width: 256, height: 256, filledWith: (level, level, level))
            try AtomicFile.write(picture.encoded(as: .png), to: program.path("\(name).png"))
        }
        let spelled = arguments.map {
            $0.hasSuffix(".png")
                ? program.path($0) : $0.replacing("FIXTURES", with: Self.fixtures.path)
        }
        let outcome = try program.start(["generate", "a castle", "--dry-run"] + spelled).wait()
        #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
        #expect(outcome.errors.contains(part), "\(arguments): \(outcome.errors)")
    }

    @Test func loRAsAreTimed() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let lora = Self.fixtures.appendingPathComponent("loras/kohya.safetensors").path
        let model = Self.fixtures.appendingPathComponent("models/three-levels").path
        let options = ["bench", "unet", "-W", "64", "-H", "64", "--repeat", "3", "--json"]
        let outcome = try program.start(options + ["--shape", model, "--lora", lora]).wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        let rows = try #require(try outcome.object()["rows"] as? [[String: Any]])
        #expect(rows.map { $0["name"] as? String } == ["", "kohya.safetensors"])
        for row in rows {
            #expect((row["seconds"] as? [Double])?.count == 3)
            #expect((row["seconds"] as? [Double])?.allSatisfy { $0 > 0 } == true)
            #expect((row["switching"] as? [Double])?.count == 3)
        }
        let refused = try program.start(options + ["--lora", lora]).wait()
        #expect(refused.status == 2)
        #expect(refused.errors.contains("name a model with --shape"), "\(refused.errors)")
    }
}
