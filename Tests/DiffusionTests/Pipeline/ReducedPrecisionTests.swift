import Foundation
import Generation
import Images
import Tensors
import Testing

@testable import Diffusion

@Suite("bf16 against diffusers' own bf16", .serialized)
struct ReducedPrecisionTests {
    /// What diffusers loses; see `reduced` in Tests/Reference/pipelines.py.
    private struct Loss: Decodable {
        let index: Int
        let decibels: Double
    }

    /// Rounding noise grows chaotically: a change of one unit in the last place of the prompt's
    /// embeddings moves diffusers' own loss on these models by up to 5 dB (measured, five draws), so
    /// that the bound holds for the mean over a model's pictures, and a wider one for each.
    /// Random weights are the worst case: every layer's rounding counts, nothing is redundant. A
    /// trained model's figures are in the README.
    @Test("int8 stays near f32", arguments: TinyModels.names)
    func int8(name: String) async throws {
        guard Precision.offered.contains(.int8) else { return }
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder(name))
        let (requests, expected) = try TinyModels.pictures(name)
        var decibels: [Double] = []
        for (index, request) in requests.enumerated().prefix(6) {
            var request = request
            request.precision = .int8
            let run = try await EngineRun(engine, request)
            decibels.append(
                Difference(run.pixels, try expected.bytes("\(index).pixels")).decibels)
        }
        let mean = decibels.reduce(0, +) / Double(decibels.count)
        if ProcessInfo.processInfo.environment["PRINT_PARITY"] != nil {
            print("\(name) int8: \(decibels) dB")
        }
        #expect(mean > 28, "\(name): \(decibels)")
    }

    /// diffusers' SDXL pipelines take the VAE to float32 for it (`force_upcast`).
    @Test("pictures are encoded in 32 bits unless the VAE was made for less")
    func encoding() throws {
        let picture = try ImageFile.read(
            TinyModels.fixtures.appendingPathComponent("expected/input.png").path)
        func latents(_ precision: Tensors.Precision, exactly: Bool) throws -> [Float] {
            var checkpoint = try Checkpoint(TinyModels.folder("three-levels"))
            #expect(checkpoint.vae.configuration.encodesExactly)
            checkpoint.vae.configuration.encodesExactly = exactly
            let pipeline = try SDXLPipeline(
                checkpoint, options: ComputeOptions(precision: precision))
            let count = picture.width * picture.height / 64 * 4
            return try pipeline.encode(picture).sample([Float](repeating: 0, count: count))
        }
        let exact = try latents(.float32, exactly: true)
        #expect(try latents(.bfloat16, exactly: true) == exact)
        #expect(try latents(.bfloat16, exactly: false) != exact)
    }

    @Test("bf16 loses at most 3 dB more than diffusers does", arguments: TinyModels.names)
    func pictures(name: String) async throws {
        let data = try Data(
            contentsOf: TinyModels.fixtures.appendingPathComponent(
                "expected/\(name).reduced.json"))
        let losses = try JSONDecoder().decode([Loss].self, from: data)
        #expect(losses.count >= 5)
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder(name))
        let (requests, expected) = try TinyModels.pictures(name)
        var differences: [Double] = []
        for loss in losses {
            var request = requests[loss.index]
            request.precision = .bf16
            let run = try await EngineRun(engine, request)
            let pixels = Difference(run.pixels, try expected.bytes("\(loss.index).pixels"))
            let label =
                "\(name) \(loss.index): \(pixels.decibels) dB, diffusers \(loss.decibels) dB"
            if ProcessInfo.processInfo.environment["PRINT_PARITY"] != nil { print(label) }
            #expect(pixels.decibels >= loss.decibels - 6, "\(label)")
            differences.append(pixels.decibels - loss.decibels)
        }
        #expect(differences.reduce(0, +) / Double(differences.count) >= -3)
    }
}
