import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite("Single-file checkpoints", .serialized)
struct SingleFileTests {
    @Test(
        "a single file of any layout gives its folder's latents and pixels",
        arguments: SingleFileModel.layouts)
    func samePicture(layout: String) async throws {
        let model = try SingleFileModel(layout: layout)
        defer { model.remove() }
        var request = GenerationRequest(prompt: "a lighthouse on a cliff, (stormy:1.2)")
        (request.width, request.height, request.steps) = (64, 64, 2)
        request.seeds = [3]
        request.negativePrompt = "fog"
        request.precision = .f32
        let folder = try await EngineRun(DiffusionEngine(embeddedModel: model.folder), request)
        request.model = model.file.path
        let file = try await EngineRun(DiffusionEngine(), request)
        #expect(folder.latents.map(\.bitPattern) == file.latents.map(\.bitPattern))
        #expect(folder.pixels == file.pixels)
        #expect(Set(file.pixels).count > 20)
        if layout == "base" { try checkInference(model) }
    }

    @Test("the kind of a file is told by its tensors, whatever its name")
    func kinds() throws {
        let families: [(String, ModelFamily)] = [
            ("inpainting", .sdxl), ("refiner", .sdxlRefiner), ("ssd-1b", .sdxl),
            ("sd1", .stableDiffusion1), ("sd2", .stableDiffusion2),
        ]
        for (layout, family) in families {
            let model = try SingleFileModel(layout: layout)
            defer { model.remove() }
            let misnamed = model.root.appendingPathComponent("sdxl-base-turbo.safetensors")
            try FileManager.default.moveItem(at: model.file, to: misnamed)
            let checkpoint = try Checkpoint(misnamed)
            #expect(checkpoint.family == family, "\(layout)")
            #expect(checkpoint.unet.configuration.isInpainting == (layout == "inpainting"))
            let folder = try Checkpoint(model.folder)
            #expect(checkpoint.unet.configuration.down == folder.unet.configuration.down)
            #expect(checkpoint.unet.configuration.up == folder.unet.configuration.up)
            #expect(checkpoint.unet.configuration.middle == folder.unet.configuration.middle)
        }
    }

    /// Shapes are inferred as the configurations say them.
    private func checkInference(_ model: SingleFileModel) throws {
        let folder = try Checkpoint(model.folder)
        let file = try Checkpoint(model.file)
        var expected = folder.unet.configuration
        // What a file does not say: the size it was trained on.
        expected.sampleSize = 128
        #expect(file.unet.configuration == expected)
        #expect(file.vae.configuration == folder.vae.configuration)
        #expect(
            file.textEncoder2?.network.configuration == folder.textEncoder2?.network.configuration)
        #expect(file.weightFiles == ["model": [model.file]])
        #expect(Set(folder.weightFiles.keys) == ["unet", "vae", "textEncoder", "textEncoder2"])
    }

    @Test("a VAE on its own replaces the checkpoint's, from a folder and from a file")
    func customVAE() async throws {
        let model = try SingleFileModel()
        defer { model.remove() }
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (64, 64, 1)
        (request.seeds, request.precision) = ([1], .f32)
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        let own = try await EngineRun(engine, request)
        var pictures: [[UInt8]] = []
        for vae in [model.folder.appendingPathComponent("vae"), model.folder, model.file] {
            request.vae = vae.path
            pictures.append(try await EngineRun(engine, request).pixels)
        }
        #expect(pictures[0] == pictures[1])
        #expect(pictures[0] == pictures[2])
        #expect(pictures[0] != own.pixels)
    }
}
