import Foundation
import Generation
import Testing

@testable import Diffusion

/// Weights in 8-bit floats; see Tests/Reference/storage.py.
@Suite("8-bit storage against diffusers", .serialized)
struct StorageTests {
    private static let folder = TinyModels.fixtures.appendingPathComponent("storage")

    @Test(
        "weights stored as fp8 give diffusers' latents and pixels",
        arguments: ["e4m3fn", "e5m2"])
    func fp8(type: String) async throws {
        let model = FileManager.default.temporaryDirectory
            .appendingPathComponent("storage-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: TinyModels.folder("distilled"), to: model)
        defer { try? FileManager.default.removeItem(at: model) }
        let weights = model.appendingPathComponent("unet/diffusion_pytorch_model.safetensors")
        try FileManager.default.removeItem(at: weights)
        try FileManager.default.copyItem(
            at: Self.folder.appendingPathComponent("unet-\(type).safetensors"), to: weights)
        let types = Set(try SafetensorsFile(path: weights.path).entries.values.map(\.type))
        #expect(types == [type == "e5m2" ? .f8e5m2 : .f8e4m3, .f16])
        let data = try Data(contentsOf: Self.folder.appendingPathComponent("requests.json"))
        let requests = try JSONDecoder().decode([GenerationRequest].self, from: data)
        let expected = try ReferenceTensors(
            Self.folder.appendingPathComponent("\(type).pictures.safetensors"))
        let engine = DiffusionEngine(embeddedModel: model)
        for (index, request) in requests.enumerated() {
            let result = try await EngineRun(engine, request)
            let latents = Difference(result.latents, try expected.floats("\(index).latents"))
            #expect(latents.relative < 5e-4, "\(type) \(index) latents: \(latents)")
            let pixels = Difference(result.pixels, try expected.bytes("\(index).pixels"))
            #expect(pixels.decibels >= 50, "\(type) \(index) pixels: \(pixels)")
            #expect(pixels.maximum <= 2, "\(type) \(index) pixels: \(pixels)")
        }
    }
}
