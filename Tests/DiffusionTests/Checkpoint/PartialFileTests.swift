import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite("Single files that hold a part of a model", .serialized)
struct PartialFileTests {
    /// A copy of `file` with the tensors that `keep` renames; nil leaves one out.
    private func copy(
        _ file: URL, to name: String, in folder: URL, _ keep: (String) -> String?
    ) throws -> URL {
        let source = try SafetensorsFile(path: file.path)
        let tensors = source.entries.values.sorted { $0.name < $1.name }.compactMap { entry in
            keep(entry.name).map {
                SafetensorsWriter.Tensor(
                    name: $0, type: entry.type, shape: entry.shape,
                    bytes: Data(source.bytes(of: entry)))
            }
        }
        let url = folder.appendingPathComponent(name)
        try SafetensorsWriter.write(tensors, to: url.path)
        return url
    }

    @Test("a UNet alone borrows encoders and VAE, says so, and gives the whole model's picture")
    func borrowing() async throws {
        let model = try SingleFileModel()
        defer { model.remove() }
        let prefix = "model.diffusion_model."
        let bare = try copy(model.file, to: "unet.safetensors", in: model.root) {
            $0.hasPrefix(prefix) ? $0 : nil
        }
        let unprefixed = try copy(model.file, to: "bare.safetensors", in: model.root) {
            $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil
        }
        let withoutVAE = try copy(model.file, to: "novae.safetensors", in: model.root) {
            $0.hasPrefix("first_stage_model.") ? nil : $0
        }
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (64, 64, 1)
        (request.seeds, request.precision) = ([1], .f32)
        request.model = model.file.path
        let whole = try await EngineRun(DiffusionEngine(), request)
        let engine = DiffusionEngine(known: KnownModels(checkpoints: { [bare, model.file] }))
        for url in [bare, unprefixed, withoutVAE] {
            request.model = url.path
            let run = try await EngineRun(engine, request)
            #expect(run.latents.map(\.bitPattern) == whole.latents.map(\.bitPattern))
            #expect(run.pixels == whole.pixels)
            let warnings = run.events.compactMap {
                if case .warning(let text) = $0 { text } else { nil }
            }
            #expect(warnings.contains { $0.contains("holds no VAE") })
            #expect(warnings.count == (url == withoutVAE ? 1 : 2))
        }
        // The VAE that is named comes before any borrowed one.
        request.model = withoutVAE.path
        request.vae = model.folder.appendingPathComponent("vae").path
        #expect(try await EngineRun(DiffusionEngine(), request).pixels == whole.pixels)
        request.vae = nil
        await #expect {
            try await EngineRun(DiffusionEngine(), request)
        } throws: { "\($0)".contains("--vae") }
    }

    @Test("markers of v-prediction, and a header that names it, are understood")
    func prediction() throws {
        let model = try SingleFileModel()
        defer { model.remove() }
        let source = try SafetensorsFile(path: model.file.path)
        var tensors = source.entries.values.map {
            SafetensorsWriter.Tensor(
                name: $0.name, type: $0.type, shape: $0.shape, bytes: Data(source.bytes(of: $0)))
        }
        tensors.append(.init(name: "v_pred", shape: [0], values: []))
        tensors.append(.init(name: "ztsnr", shape: [0], values: []))
        let url = model.root.appendingPathComponent("v.safetensors")
        try SafetensorsWriter.write(tensors, to: url.path)
        let scheduler = try Checkpoint(url).scheduler
        #expect(scheduler.predictionType == "v_prediction")
        #expect(scheduler.rescaleBetasZeroSNR == true)
        #expect(try Checkpoint(model.file).scheduler.predictionType == "epsilon")
    }

    @Test("files of other kinds say what they are")
    func otherKinds() throws {
        let lora = LoRAFixtures.folder.appendingPathComponent("kohya.safetensors")
        #expect { try Checkpoint(lora) } throws: { "\($0)".contains("--lora") }
        let word = TinyModels.fixtures.appendingPathComponent("embeddings/cat.safetensors")
        #expect { try Checkpoint(word) } throws: { "\($0)".contains("--embedding") }
    }
}
