import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite("bf16 against diffusers' own bf16", .serialized)
struct ReducedPrecisionTests {
    /// What diffusers loses; see `reduced` in Tests/Reference/pipelines.py.
    private struct Loss: Decodable {
        let index: Int
        let decibels: Double
    }

    @Test("bf16 loses at most 3 dB more than diffusers does", arguments: TinyModels.names)
    func pictures(name: String) async throws {
        let data = try Data(
            contentsOf: TinyModels.fixtures.appendingPathComponent(
                "expected/\(name).reduced.json"))
        let losses = try JSONDecoder().decode([Loss].self, from: data)
        #expect(!losses.isEmpty)
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder(name))
        let (requests, expected) = try TinyModels.pictures(name)
        for loss in losses {
            var request = requests[loss.index]
            request.precision = .bf16
            let run = try await EngineRun(engine, request)
            let pixels = Difference(run.pixels, try expected.bytes("\(loss.index).pixels"))
            if ProcessInfo.processInfo.environment["PRINT_PARITY"] != nil {
                print("\(name) \(loss.index): \(pixels.decibels) dB, diffusers \(loss.decibels) dB")
            }
            #expect(
                pixels.decibels >= loss.decibels - 3,
                "\(name) \(loss.index): \(pixels.decibels) dB, diffusers \(loss.decibels) dB")
        }
    }
}
