import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite("IP-Adapters against diffusers", .serialized)
struct ImagePromptParityTests {
    static let folder = TinyModels.fixtures.appendingPathComponent("image-prompts")

    @Test("base and plus, one and several, with methods and masks")
    func requests() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        let file = Self.folder.appendingPathComponent("three-levels.pictures.safetensors")
        let expected = try ReferenceTensors(file)
        for (index, request) in try Self.requests().enumerated() {
            let result = try await EngineRun(engine, request)
            let latents = Difference(result.latents, try expected.floats("\(index).latents"))
            let pixels = Difference(result.pixels, try expected.bytes("\(index).pixels"))
            #expect(latents.relative < 5e-4, "\(index) latents: \(latents)")
            #expect(pixels.decibels >= 50, "\(index) pixels: \(pixels)")
            #expect(pixels.maximum <= 2, "\(index) pixels: \(pixels)")
        }
    }

    @Test("style and composition each listen in one transformer of SDXL")
    func methods() {
        let places = [
            CrossAttentionPlace(path: .down, level: 2, transformer: 1, channels: 1280),
            CrossAttentionPlace(path: .up, level: 0, transformer: 1, channels: 1280),
            CrossAttentionPlace(path: .up, level: 0, transformer: 0, channels: 1280),
            CrossAttentionPlace(path: .middle, level: 0, transformer: 0, channels: 1280),
        ]
        func listens(_ method: ImagePromptReference.Method) -> [Bool] {
            places.map { method.listens(at: $0) }
        }
        #expect(listens(.full) == [true, true, true, true])
        #expect(listens(.style) == [false, true, false, false])
        #expect(listens(.composition) == [true, false, false, false])
    }

    @Test("a picture that stands for a word acts where the prompt has the word")
    func word() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        var request = try Self.requests()[0]
        let always = try await EngineRun(engine, request)
        request.imagePrompts[0].word = "Lighthouse"
        #expect(try await EngineRun(engine, request).pixels == always.pixels)
        request.imagePrompts[0].word = "castle"
        let silent = try await EngineRun(engine, request)
        request.imagePrompts = []
        #expect(silent.pixels == (try await EngineRun(engine, request).pixels))
        #expect(silent.pixels != always.pixels)
        let warnings = silent.events.compactMap {
            if case .warning(let text) = $0 { text } else { nil }
        }
        #expect(warnings.contains { $0.contains("the prompt has no \"castle\"") })
    }

    @Test("what does not fit is refused with a sentence")
    func refusals() async throws {
        var request = try Self.requests()[0]
        let other = DiffusionEngine(embeddedModel: TinyModels.folder("conv-projection"))
        await #expect(throws: InvalidRequest.self) { try await EngineRun(other, request) }
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        let lonely = FileManager.default.temporaryDirectory
            .appendingPathComponent("latent-\(UUID().uuidString)/inner/adapter.safetensors")
        try FileManager.default.createDirectory(
            at: lonely.deletingLastPathComponent(), withIntermediateDirectories: true)
        defer {
            try? FileManager.default.removeItem(
                at: lonely.deletingLastPathComponent().deletingLastPathComponent())
        }
        try FileManager.default.copyItem(
            at: URL(fileURLWithPath: request.imagePrompts[0].model), to: lonely)
        request.imagePrompts[0].model = lonely.path
        do {
            _ = try await EngineRun(engine, request)
            Issue.record("an adapter without its encoder was accepted")
        } catch { #expect("\(error)".contains("its picture encoder is missing")) }
    }

    private static func requests() throws -> [GenerationRequest] {
        let data = try Data(contentsOf: folder.appendingPathComponent("three-levels.requests.json"))
        return try JSONDecoder().decode([GenerationRequest].self, from: data).map {
            var request = $0
            request.imagePrompts = request.imagePrompts.map {
                var prompt = $0
                prompt.model = folder.appendingPathComponent(prompt.model).path
                prompt.image = folder.appendingPathComponent(prompt.image).path
                prompt.mask = prompt.mask.map { folder.appendingPathComponent($0).path }
                return prompt
            }
            return request
        }
    }
}
