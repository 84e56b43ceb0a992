import Foundation
import Generation
import Tensors
import Testing

@testable import Diffusion

/// T2I-Adapters; see Tests/Reference/t2i.py.
@Suite("T2I-Adapters against diffusers", .serialized)
struct StructureAdapterParityTests {
    private static let folder = TinyModels.fixtures.appendingPathComponent("t2i")

    private static func requests(_ name: String) throws -> [GenerationRequest] {
        let data = try Data(contentsOf: folder.appendingPathComponent("\(name).requests.json"))
        return try JSONDecoder().decode([GenerationRequest].self, from: data).map {
            var request = $0
            request.controls = request.controls.map {
                var control = $0
                control.model = folder.appendingPathComponent(control.model).path
                control.image = folder.appendingPathComponent(control.image).path
                return control
            }
            return request
        }
    }

    @Test(
        "the layouts for SDXL and Stable Diffusion 1, light ones, sketches, several at once",
        arguments: ["three-levels", "conv-projection", "sd1"])
    func pictures(name: String) async throws {
        let folder =
            name == "sd1"
            ? TinyModels.fixtures.appendingPathComponent("layouts/sd1") : TinyModels.folder(name)
        let engine = DiffusionEngine(embeddedModel: folder)
        let expected = try ReferenceTensors(
            Self.folder.appendingPathComponent("\(name).pictures.safetensors"))
        for (index, request) in try Self.requests(name).enumerated() {
            let result = try await EngineRun(engine, request)
            let latents = Difference(result.latents, try expected.floats("\(index).latents"))
            #expect(latents.relative < 5e-4, "\(name) \(index) latents: \(latents)")
            let pixels = Difference(result.pixels, try expected.bytes("\(index).pixels"))
            #expect(pixels.decibels >= 50, "\(name) \(index) pixels: \(pixels)")
            #expect(pixels.maximum <= 2, "\(name) \(index) pixels: \(pixels)")
            var plain = request
            plain.controls = []
            let without = try await EngineRun(engine, plain)
            #expect(Difference(without.pixels, result.pixels).decibels < 40, "\(index)")
        }
    }

    @Test("a single file gives its folder's picture, and stands beside a ControlNet")
    func singleFile() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        var request = try Self.requests("three-levels")[0]
        let folder = try await EngineRun(engine, request)
        request.controls[0].model += "/diffusion_pytorch_model.safetensors"
        let file = try await EngineRun(engine, request)
        #expect(folder.pixels == file.pixels)
        let net = ControlNetParityTests.folder.appendingPathComponent("three-levels-full").path
        request.controls.append(
            ControlReference(model: net, image: request.controls[0].image, scale: 0.5))
        let both = try await EngineRun(engine, request)
        #expect(both.pixels != folder.pixels)
    }

    @Test("a light adapter's single file gives its folder's picture")
    func lightFile() async throws {
        let layout = TinyModels.fixtures.appendingPathComponent("layouts/sd1")
        let engine = DiffusionEngine(embeddedModel: layout)
        var request = try Self.requests("sd1")[2]
        let folder = try await EngineRun(engine, request)
        request.controls[0].model += "/diffusion_pytorch_model.safetensors"
        #expect(try await EngineRun(engine, request).pixels == folder.pixels)
    }

    @Test("a feature for a middle block that the UNet lacks goes nowhere")
    func noMiddle() throws {
        let compute = try Compute()
        var configuration = try Checkpoint(TinyModels.folder("three-levels")).unet.configuration
        let random = RandomWeights(largest: 1 << 16, deviation: 0.2)
        func output(_ middle: UNetConfiguration.Middle, features: Int) throws -> [Float] {
            configuration.middle = middle
            let reader = WeightsReader(.random(random), compute: compute)
            let unet = try UNet2DConditionModel(configuration, reader.scope(), compute: compute)
            var numbers = PhiloxNoise(seed: 3)
            func tensor(_ shape: [Int]) throws -> Tensor {
                try compute.tensor(from: numbers.normal(count: shape.reduce(1, *)), shape)
            }
            let pooled =
                (configuration.additionInputWidth ?? 0)
                - 6 * (configuration.additionTimeWidth ?? 0)
            let branch = UNet2DConditionModel.Branch(
                projections: try unet.project(try tensor([1, 7, configuration.contextWidth])),
                pooled: Array(repeating: 0.1, count: pooled),
                micro: MicroConditioning(width: 64, height: 64))
            let shapes = [[1, 4, 4, 8], [1, 4, 4, 8], [1, 2, 2, 16], [1, 2, 2, 16]]
            let residuals = ControlResiduals(features: try shapes.prefix(features).map(tensor))
            var start = PhiloxNoise(seed: 4)
            let latents = try compute.tensor(from: start.normal(count: 256), [1, 8, 8, 4])
            return try compute.floats(
                try unet(
                    latents, timestep: 501, conditioning: try unet.prepare([branch]),
                    control: residuals))
        }
        #expect(try output(.none, features: 4) == output(.none, features: 3))
        #expect(try output(.plain, features: 4) != output(.plain, features: 3))
        #expect(try output(.plain, features: 3) != output(.plain, features: 2))
    }

    @Test("another model's adapter, and sides that it cannot fold, are refused with a sentence")
    func refusals() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        var request = try Self.requests("three-levels")[0]
        func message() async -> String {
            do {
                _ = try await EngineRun(engine, request)
                return "accepted"
            } catch { return "\(error)" }
        }
        request.height = 72
        #expect(await message().contains("multiples of 16"))
        request.height = 80
        request.controls[0].model = Self.folder.appendingPathComponent("conv-projection-full").path
        #expect(await message().contains("made for another base model: its features [8, 16]"))
    }
}
