import Foundation
import Generation
import Images
import Testing

@testable import Diffusion

@Suite("Fields that change nothing")
struct IdleFieldTests {
    private let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
    private static let fixtures = TinyModels.fixtures

    private func warnings(
        _ model: String? = nil, _ change: (inout GenerationRequest) -> Void
    ) async throws -> [String] {
        var request = GenerationRequest(prompt: "a lake")
        request.model = model.map { Self.fixtures.appendingPathComponent($0).path }
        (request.width, request.height, request.steps) = (64, 64, 2)
        change(&request)
        return try await engine.rehearse(request).warnings
    }

    @Test("each is told, and nothing is told of a plain request")
    func told() async throws {
        #expect(try await warnings { _ in }.isEmpty)
        let cases: [((inout GenerationRequest) -> Void, String)] = [
            ({ $0.highNoiseFraction = 0.5 }, "without a refiner"),
            (
                {
                    $0.refiner =
                        Self.fixtures.appendingPathComponent("models-conditions/refiner")
                        .path
                    ($0.refinerStrength, $0.highNoiseFraction) = (0.3, 0.5)
                }, "goes over the finished picture"
            ),
            ({ $0.variationStrength = 0.2 }, "without a variation seed"),
            ({ $0.variationSeed = 3 }, "at a strength of 0"),
            ({ $0.prompt = "(a:nan) (b:1.2) (c:NaN)" }, "the weight nan is not"),
            ({ $0.negativePrompt = "(a: -Infinity )" }, "the weight -Infinity is not"),
            ({ $0.safetyChecker = "checker" }, "safety is off"),
            ({ ($0.guidanceStart, $0.guidanceEnd) = (0.9, 0.1) }, "no step is guided"),
        ]
        for (change, words) in cases {
            let told = try await warnings(nil, change)
            #expect(told.count == 1 && told[0].contains(words), "\(words): \(told)")
        }
        let second = try await warnings("layouts/sd1") { $0.prompt2 = "a house" }
        #expect(second.contains { $0.contains("has one encoder") })
    }

    @Test("a VAE that scales its latents as another family does is used, and told of")
    func otherVAE() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("vae-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let own = TinyModels.folder("three-levels").appendingPathComponent("vae")
        #expect(try await warnings { $0.vae = own.path }.isEmpty)
        try FileManager.default.copyItem(at: own, to: folder)
        let file = folder.appendingPathComponent("config.json")
        var object =
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
        object["scaling_factor"] = 0.18215
        try JSONSerialization.data(withJSONObject: object).write(to: file)
        let told = try await warnings { $0.vae = folder.path }
        #expect(told.count == 1 && told[0].contains("scales latents by 0.18215"), "\(told)")
    }

    @Test("a refiner of another family is refused, one of the same is not")
    func refiner() async throws {
        let older = Self.fixtures.appendingPathComponent("layouts/sd1").path
        let error = await #expect(throws: InvalidRequest.self) {
            try await warnings { $0.refiner = older }
        }
        #expect(error?.problems.first?.field == .refiner)
        #expect(try await warnings("layouts/sd1") { $0.refiner = older }.isEmpty)
    }

    @Test("a mask without white would let its picture prompt nowhere")
    func blackMask() async throws {
        let folder = Self.fixtures.appendingPathComponent("image-prompts")
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(UUID().uuidString).png").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let black = try #require(
            PixelImage(width: 8, height: 8, rgb: [UInt8](repeating: 0, count: 192)))
        try AtomicFile.write(PNGCodec.encode(black), to: path)
        var prompt = ImagePromptReference(
            model: folder.appendingPathComponent("three-levels-base.safetensors").path,
            image: folder.appendingPathComponent("prompt-1.png").path)
        #expect(try await warnings { $0.imagePrompts = [prompt] }.isEmpty)
        prompt.mask = path
        let error = await #expect(throws: InvalidRequest.self) {
            try await warnings { $0.imagePrompts = [prompt] }
        }
        #expect(error?.problems.first?.reason.contains("nothing white") == true)
    }
}
