import Foundation
import Generation
import Testing

@testable import Diffusion

/// Requests that combine pictures, masks, ControlNets, IP-Adapters, refiners, second passes, weights and
/// tiling; see Tests/Reference/combined.py.
@Suite("Combined conditions against diffusers", .serialized)
struct CombinedParityTests {
    private static let fixtures = TinyModels.fixtures

    private static func cases() throws -> [GenerationRequest] {
        let file = fixtures.appendingPathComponent("combined/requests.json")
        func place(_ name: String) -> String { fixtures.appendingPathComponent(name).path }
        return try JSONDecoder().decode([GenerationRequest].self, from: Data(contentsOf: file))
            .map { request in
                var request = request
                request.model = request.model.map(place)
                request.refiner = request.refiner.map(place)
                request.initImage = request.initImage.map(place)
                request.maskImage = request.maskImage.map(place)
                for index in request.controls.indices {
                    request.controls[index].model = place(request.controls[index].model)
                    request.controls[index].image = place(request.controls[index].image)
                }
                for index in request.imagePrompts.indices {
                    let prompt = request.imagePrompts[index]
                    request.imagePrompts[index].model = place(prompt.model)
                    request.imagePrompts[index].image = place(prompt.image)
                    request.imagePrompts[index].mask = prompt.mask.map(place)
                }
                return request
            }
    }

    @Test("every combination gives diffusers' latents and pixels")
    func requests() async throws {
        let engine = DiffusionEngine()
        let expected = try ReferenceTensors(
            Self.fixtures.appendingPathComponent("combined/pictures.safetensors"))
        let cases = try Self.cases()
        #expect(cases.count > 10)
        for (index, request) in cases.enumerated() {
            let result: EngineRun
            do {
                result = try await EngineRun(engine, request)
            } catch {
                Issue.record("\(index): \(error)")
                continue
            }
            let latents = Difference(result.latents, try expected.floats("\(index).latents"))
            #expect(latents.relative < 5e-4, "\(index) latents: \(latents)")
            let pixels = Difference(result.pixels, try expected.bytes("\(index).pixels"))
            #expect(pixels.decibels >= 50, "\(index) pixels: \(pixels)")
            #expect(pixels.maximum <= 2, "\(index) pixels: \(pixels)")
        }
    }
}
