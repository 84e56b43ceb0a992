import Foundation
import Generation
import Testing

@testable import Diffusion

/// Requests with pictures, masks, refiners, tiling, second passes and prompt editing; see
/// Tests/Reference/conditions.py.
@Suite("Conditions against diffusers", .serialized)
struct ConditionParityTests {
    private static let fixtures = TinyModels.fixtures

    private static func cases() throws -> [GenerationRequest] {
        let file = fixtures.appendingPathComponent("expected/conditions.requests.json")
        return try JSONDecoder().decode([GenerationRequest].self, from: Data(contentsOf: file))
            .map { request in
                var request = request
                func expected(_ name: String?) -> String? {
                    name.map { fixtures.appendingPathComponent("expected/\($0)").path }
                }
                request.model = request.model.map { fixtures.appendingPathComponent($0).path }
                request.refiner = request.refiner.map { fixtures.appendingPathComponent($0).path }
                request.initImage = expected(request.initImage)
                request.maskImage = expected(request.maskImage)
                return request
            }
    }

    @Test("every request gives diffusers' latents and pixels")
    func requests() async throws {
        let engine = DiffusionEngine()
        let expected = try ReferenceTensors(
            Self.fixtures.appendingPathComponent("expected/conditions.pictures.safetensors"))
        let cases = try Self.cases()
        #expect(cases.count > 40)
        for (index, request) in cases.enumerated() {
            let label = "\(index) \(request.sampler?.rawValue ?? "-")"
            let result: EngineRun
            do {
                result = try await EngineRun(engine, request)
            } catch {
                Issue.record("\(label): \(error)")
                continue
            }
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

    @Test("the same bits for any number of threads")
    func threads() async throws {
        let engine = DiffusionEngine()
        let cases = try Self.cases()
        let kinds: [(GenerationRequest) -> Bool] = [
            { $0.maskFeather > 0 }, { $0.maskPadding != nil }, { $0.hires != nil },
            { $0.tiling == .both }, { $0.prompt.contains("|") },
        ]
        for kind in kinds {
            guard let request = cases.first(where: kind) else {
                Issue.record("a kind of request is missing")
                continue
            }
            let one = try await EngineRun(engine, request)
            let three = try await EngineRun(
                engine, request, options: ExecutionOptions(threads: 3))
            #expect(one.pixels == three.pixels && one.latents == three.latents)
        }
    }
}
