import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite("The model that ships against diffusers", .serialized)
struct EmbeddedModelParityTests {
    /// `Sources/EmbeddedModel/Model` of this checkout.
    private static let folder = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../../Sources/EmbeddedModel/Model").standardizedFileURL

    /// Fixtures of `Tests/Reference/embedded_model.py`.
    @Test("gives diffusers' latents and pixels")
    func pictures() async throws {
        let engine = DiffusionEngine(embeddedModel: Self.folder)
        let (requests, expected) = try TinyModels.pictures("postcards")
        #expect(requests.count == 2)
        for (index, request) in requests.enumerated() {
            let result = try await EngineRun(engine, request)
            let latents = Difference(result.latents, try expected.floats("\(index).latents"))
            #expect(latents.relative < 5e-4, "\(index) latents: \(latents)")
            let pixels = Difference(result.pixels, try expected.bytes("\(index).pixels"))
            #expect(pixels.decibels >= 50, "\(index) pixels: \(pixels)")
            #expect(pixels.maximum <= 2, "\(index) pixels: \(pixels)")
        }
    }
}
