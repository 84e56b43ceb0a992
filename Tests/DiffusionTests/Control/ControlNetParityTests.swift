import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite("ControlNets against diffusers", .serialized)
struct ControlNetParityTests {
    static let folder = TinyModels.fixtures.appendingPathComponent("controls")

    @Test(
        "one and several networks, full and without attention, with parts of the schedule",
        arguments: ["three-levels", "conv-projection"])
    func requests(name: String) async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder(name))
        let (requests, expected) = try Self.pictures(name)
        for (index, request) in requests.enumerated() {
            let result = try await EngineRun(engine, request)
            let latents = Difference(result.latents, try expected.floats("\(index).latents"))
            #expect(latents.relative < 5e-4, "\(name) \(index) latents: \(latents)")
            let pixels = Difference(result.pixels, try expected.bytes("\(index).pixels"))
            #expect(pixels.decibels >= 50, "\(name) \(index) pixels: \(pixels)")
            #expect(pixels.maximum <= 2, "\(name) \(index) pixels: \(pixels)")
        }
    }

    @Test("a file in its folder is what the folder's configuration says, as is a VAE's")
    func fileInsideFolder() throws {
        let file = "diffusion_pytorch_model.safetensors"
        for name in ["controls/three-levels-full", "t2i/sd1-light"] {
            let folder = TinyModels.fixtures.appendingPathComponent(name)
            let networks = try [folder, folder.appendingPathComponent(file)].map {
                try ControlNetFile.open($0)
            }
            switch (networks[0], networks[1]) {
            case (.net(let whole), .net(let alone)):
                #expect(whole.configuration == alone.configuration)
                #expect(Set(whole.tensors.names) == Set(alone.tensors.names))
            case (.adapter(let whole), .adapter(let alone)):
                #expect(whole.configuration == alone.configuration)
            default: Issue.record("\(name) is of two kinds")
            }
        }
        let vae = TinyModels.folder("three-levels").appendingPathComponent("vae")
        let alone = try Checkpoint.vae(at: vae.appendingPathComponent(file))
        #expect(try Checkpoint.vae(at: vae).configuration == alone.configuration)
        #expect(Checkpoint.tellsScale(vaeAt: vae.appendingPathComponent(file)))
    }

    @Test("a network of scale 0 changes nothing, and one of scale 1 does")
    func scale() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        var request = try Self.pictures("three-levels").requests[0]
        let controlled = try await EngineRun(engine, request)
        request.controls[0].scale = 0
        let off = try await EngineRun(engine, request)
        request.controls = []
        let plain = try await EngineRun(engine, request)
        #expect(off.pixels == plain.pixels)
        #expect(Difference(controlled.pixels, plain.pixels).maximum > 8)
    }

    @Test("what does not fit is refused with a sentence")
    func refusals() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        var request = try Self.pictures("three-levels").requests[0]
        func message() async -> String {
            do {
                _ = try await EngineRun(engine, request)
                return "accepted"
            } catch { return "\(error)" }
        }
        request.controls[0].model = Self.folder.appendingPathComponent("conv-projection-full").path
        #expect(await message().contains("was made for another base model"))
        request.controls[0].model = TinyModels.folder("three-levels").path + "/unet"
        #expect(
            await message().contains("\"UNet2DConditionModel\", and a ControlNetModel is needed"))
        request.controls[0].model = Self.folder.appendingPathComponent("three-levels-full").path
        request.controls[0].preprocessor = "magic"
        #expect(await message().contains("no such preprocessor; choose canny, softedge"))
        request.controls[0].preprocessor = nil
        request.controls[0].model =
            TinyModels.fixtures.appendingPathComponent("loras/dora.safetensors").path
        #expect(await message().contains("it is a LoRA, and a ControlNet is needed"))
        request.controls[0].model = Self.folder.appendingPathComponent("three-levels-full").path
        request.controls[0].preprocessor = "inpaint"
        #expect(await message().contains("needs --mask"))
        request.controls[0].preprocessor = nil
        (request.controls[0].start, request.controls[0].end) = (0.6, 0.5)
        #expect(await message().contains("the start must lie before the end"))
    }

    private static func pictures(
        _ name: String
    ) throws -> (requests: [GenerationRequest], tensors: ReferenceTensors) {
        let data = try Data(contentsOf: folder.appendingPathComponent("\(name).requests.json"))
        let requests = try JSONDecoder().decode([GenerationRequest].self, from: data).map {
            var request = $0
            request.controls = request.controls.map {
                var control = $0
                control.model = folder.appendingPathComponent(control.model).path
                control.image = folder.appendingPathComponent(control.image).path
                return control
            }
            request.initImage = request.initImage.map {
                TinyModels.fixtures.appendingPathComponent("expected/\($0)").path
            }
            return request
        }
        let file = folder.appendingPathComponent("\(name).pictures.safetensors")
        return (requests, try ReferenceTensors(file))
    }
}
