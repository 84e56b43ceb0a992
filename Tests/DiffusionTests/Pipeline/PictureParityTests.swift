import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite("Whole pictures against diffusers", .serialized)
struct PictureParityTests {
    @Test("every request gives diffusers' latents and pixels", arguments: TinyModels.names)
    func requests(name: String) async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder(name))
        let (requests, expected) = try TinyModels.pictures(name)
        for (index, request) in requests.enumerated() {
            let label = "\(name) \(index) \(request.sampler?.rawValue ?? "-")"
            let result = try await EngineRun(engine, request)
            let latents = Difference(result.latents, try expected.floats("\(index).latents"))
            #expect(latents.relative < 5e-4, "\(label) latents: \(latents)")
            let pixels = Difference(result.pixels, try expected.bytes("\(index).pixels"))
            #expect(pixels.decibels >= 50, "\(label) pixels: \(pixels)")
            #expect(pixels.maximum <= 2, "\(label) pixels: \(pixels)")
            if ProcessInfo.processInfo.environment["PRINT_PARITY"] != nil {
                print("\(label): latents \(latents.relative), pixels \(pixels)")
            }
        }
    }
}
