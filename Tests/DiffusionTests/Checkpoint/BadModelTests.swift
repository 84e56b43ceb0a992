import Foundation
import Generation
import Tensors
import Testing

@testable import Diffusion

@Suite("Model folders that cannot be used")
struct BadModelTests {
    /// A copy of a tiny model that a test may damage.
    private final class Copy {
        let url: URL

        init(_ name: String = "three-levels") throws {
            url = FileManager.default.temporaryDirectory
                .appendingPathComponent("bad-\(UUID().uuidString)")
            try FileManager.default.copyItem(at: TinyModels.folder(name), to: url)
        }

        deinit { try? FileManager.default.removeItem(at: url) }

        func file(_ path: String) -> URL { url.appendingPathComponent(path) }

        /// Replaces a member of a JSON file; nil removes it.
        func set(_ key: String, _ value: Any?, in path: String) throws {
            let data = try Data(contentsOf: file(path))
            var object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
            object[key] = value
            try JSONSerialization.data(withJSONObject: object).write(to: file(path))
        }

        /// Opens the model and checks every tensor.
        func open() throws {
            _ = try SDXLPipeline(try Checkpoint(url), options: ComputeOptions())
        }

        func failure() -> (any UserFacingError)? {
            do {
                try open()
                return nil
            } catch { return error as? any UserFacingError }
        }
    }

    @Test("an undamaged copy opens")
    func intact() throws {
        try Copy().open()
    }

    @Test("a scheduler configuration with the numbers that diffusers writes although JSON has none")
    func infinityInSchedulerConfiguration() throws {
        let copy = try Copy()
        let json = """
            {"_class_name": "DPMSolverMultistepScheduler", "beta_schedule": "scaled_linear",
             "lambda_min_clipped": -Infinity, "solver_order": 2}
            """
        try Data(json.utf8).write(to: copy.file("scheduler/scheduler_config.json"))
        #expect(try Checkpoint(copy.url).scheduler.solverOrder == 2)
    }

    @Test("a folder that is no model, and one of another kind")
    func noModel() throws {
        let empty = FileManager.default.temporaryDirectory
            .appendingPathComponent("empty-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: empty) }
        #expect {
            try Checkpoint(empty)
        } throws: { "\($0)".contains("no model_index.json") }
        let copy = try Copy()
        try copy.set("_class_name", "FluxPipeline", in: "model_index.json")
        #expect(copy.failure()?.summary.contains("FluxPipeline") == true)
    }

    @Test(
        "absurd or unsupported configurations name file and key",
        arguments: [
            ("unet/config.json", "block_out_channels", "[8, 8, 1000000000]"),
            ("unet/config.json", "block_out_channels", "[8, 8]"),
            ("unet/config.json", "block_out_channels", "[8, 8, 18]"),
            ("unet/config.json", "layers_per_block", "100000"),
            ("unet/config.json", "layers_per_block", "1.5"),
            ("unet/config.json", "norm_num_groups", "0"),
            ("unet/config.json", "norm_num_groups", "3"),
            ("unet/config.json", "attention_head_dim", "[1, 3, 4]"),
            ("unet/config.json", "cross_attention_dim", "-1"),
            ("unet/config.json", "transformer_layers_per_block", "[1, 1, 100000]"),
            ("unet/config.json", "down_block_types", "[\"A\", \"B\", \"C\"]"),
            ("unet/config.json", "act_fn", "\"mish\""),
            ("unet/config.json", "class_embed_type", "\"timestep\""),
            ("vae/config.json", "block_out_channels", "[4, 0, 4, 4]"),
            ("vae/config.json", "latent_channels", "1e300"),
            ("vae/config.json", "scaling_factor", "0"),
            ("vae/config.json", "latents_mean", "[1, 2]"),
            ("text_encoder/config.json", "hidden_size", "\"wide\""),
            ("text_encoder/config.json", "num_hidden_layers", "4000000000"),
            ("text_encoder/config.json", "hidden_act", "\"relu\""),
            ("text_encoder_2/config.json", "num_attention_heads", "7"),
        ] as [(String, String, String)])
    func configuration(path: String, key: String, value: String) throws {
        let copy = try Copy()
        let object = try JSONSerialization.jsonObject(
            with: Data(value.utf8), options: .fragmentsAllowed)
        if key == "latents_mean" { try copy.set("latents_std", [1, 1, 1, 1], in: path) }
        try copy.set(key, object, in: path)
        let summary = copy.failure()?.summary
        #expect(summary?.contains(path) == true, "\(summary ?? "opened")")
        let related = key == "block_out_channels" ? ["norm_num_groups", key] : [key]
        #expect(related.contains { summary?.contains($0) == true }, "\(summary ?? "opened")")
    }

    @Test("files that are no JSON, or endless, are named")
    func brokenJSON() throws {
        let copy = try Copy()
        try Data("{".utf8).write(to: copy.file("unet/config.json"))
        #expect(copy.failure()?.summary.contains("not a JSON object") == true)
        try Data(repeating: 0x20, count: 5_000_000).write(to: copy.file("unet/config.json"))
        #expect(copy.failure()?.summary.contains("longer than") == true)
        try Data(String(repeating: "[", count: 200_000).utf8)
            .write(to: copy.file("unet/config.json"))
        #expect(copy.failure()?.summary.contains("not a JSON object") == true)
    }

    @Test("missing, surplus and misshapen tensors are named and counted, all at once")
    func mismatch() throws {
        let copy = try Copy()
        let path = copy.file("unet/diffusion_pytorch_model.safetensors").path
        let file = try SafetensorsFile(path: path)
        var tensors: [SafetensorsWriter.Tensor] = []
        for entry in file.entries.values.sorted(by: { $0.name < $1.name }) {
            if entry.name == "conv_in.bias" || entry.name.hasPrefix("conv_norm_out") { continue }
            let shape = entry.name == "conv_out.bias" ? [2, 2] : entry.shape
            tensors.append(
                .init(
                    name: entry.name, type: entry.type, shape: shape,
                    bytes: Data(file.bytes(of: entry))))
        }
        tensors.append(.init(name: "extra.weight", shape: [1], values: [0]))
        try SafetensorsWriter.write(tensors, to: path)
        let summary = copy.failure()?.summary ?? ""
        #expect(summary.contains("3 missing: conv_in.bias, conv_norm_out.weight"), "\(summary)")
        #expect(summary.contains("1 surplus: extra.weight"), "\(summary)")
        #expect(summary.contains("conv_out.bias is [2, 2], [4] is needed"), "\(summary)")
    }

    @Test("a few unknown tensors are a warning, many an error, each with their names")
    func surplus() async throws {
        let copy = try Copy()
        let path = copy.file("unet/diffusion_pytorch_model.safetensors").path
        let file = try SafetensorsFile(path: path)
        let own = file.entries.values.sorted { $0.name < $1.name }.map {
            SafetensorsWriter.Tensor(
                name: $0.name, type: $0.type, shape: $0.shape, bytes: Data(file.bytes(of: $0)))
        }
        func write(_ count: Int) throws {
            let more = (0..<count).map {
                SafetensorsWriter.Tensor(name: "extra.\($0)", shape: [1], values: [0])
            }
            try SafetensorsWriter.write(own + more, to: path)
        }
        try write(2)
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps, request.seeds) = (64, 64, 1, [1])
        let run = try await EngineRun(DiffusionEngine(embeddedModel: copy.url), request)
        let warnings = run.events.compactMap {
            if case .warning(let text) = $0 { text } else { nil }
        }
        #expect(warnings.contains { $0.contains("2 surplus: extra.0, extra.1") }, "\(warnings)")
        try write(own.count / 10)
        let summary = copy.failure()?.summary ?? "opened"
        #expect(summary.contains("\(own.count / 10) surplus: extra.0"), "\(summary)")
    }

    @Test("a truncated weight file is named")
    func truncated() throws {
        let copy = try Copy()
        let url = copy.file("vae/diffusion_pytorch_model.safetensors")
        let data = try Data(contentsOf: url)
        try data.prefix(data.count - 100).write(to: url)
        #expect(copy.failure()?.summary.contains("vae/diffusion_pytorch_model") == true)
    }

    @Test("integers where weights belong are refused by name")
    func integers() throws {
        let copy = try Copy()
        let path = copy.file("unet/diffusion_pytorch_model.safetensors").path
        let file = try SafetensorsFile(path: path)
        let tensors = file.entries.values.map { entry in
            SafetensorsWriter.Tensor(
                name: entry.name, type: entry.name == "conv_in.bias" ? .i16 : entry.type,
                shape: entry.shape, bytes: Data(file.bytes(of: entry)))
        }
        try SafetensorsWriter.write(tensors, to: path)
        let compute = try Compute()
        let network = try Checkpoint(copy.url).unet
        #expect {
            let _: UNet2DConditionModel = try network.load(compute)
        } throws: { "\($0)".contains("conv_in.bias") && "\($0)".contains("I16") }
    }

    @Test("pickled weights are refused with how to convert them")
    func pickled() throws {
        let copy = try Copy()
        try FileManager.default.moveItem(
            at: copy.file("unet/diffusion_pytorch_model.safetensors"),
            to: copy.file("unet/diffusion_pytorch_model.bin"))
        #expect(copy.failure()?.summary.contains("pickle") == true)
    }

    @Test("parts that are not there are named as such")
    func lostParts() throws {
        let copy = try Copy("conv-projection")
        let name = "vae/diffusion_pytorch_model.fp16-00002-of-00003.safetensors"
        try FileManager.default.removeItem(at: copy.file(name))
        let summary = try #require(copy.failure()?.summary)
        #expect(summary.contains(name) && summary.contains("it is not there"), "\(summary)")
        let other = try Copy()
        try FileManager.default.removeItem(at: other.file("unet/config.json"))
        #expect(
            other.failure()?.summary
                == "\(other.file("unet/config.json").path) cannot be read: there is no such file")
    }

    @Test(
        "what came instead of a file is called by its name",
        arguments: [
            ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", "Git LFS"),
            ("\n<!DOCTYPE html><html><title>404</title></html>", "a web page"),
            ("<HTML lang=en><body>Log in</body></HTML>", "a web page"),
        ])
    func downloads(content: String, words: String) throws {
        let copy = try Copy()
        let file = copy.file("unet/diffusion_pytorch_model.safetensors")
        try Data(content.utf8).write(to: file)
        let summary = try #require(copy.failure()?.summary)
        #expect(summary.hasPrefix(file.path) && summary.contains(words), "\(summary)")
    }

    @Test("a shard index that names files elsewhere, or tensors that are not there")
    func shards() throws {
        let copy = try Copy("conv-projection")
        let path = "unet/diffusion_pytorch_model.safetensors.index.fp16.json"
        try copy.open()
        try copy.set("weight_map", ["conv_in.weight": "../../etc/passwd"], in: path)
        #expect(copy.failure()?.summary.contains("weight_map") == true)
        let shard = "diffusion_pytorch_model.fp16-00001-of-00002.safetensors"
        try copy.set("weight_map", ["not.there": shard], in: path)
        #expect(copy.failure()?.summary.contains("not.there") == true)
    }

    @Test("parts that do not belong together")
    func widths() throws {
        let copy = try Copy()
        let other = TinyModels.folder("distilled").appendingPathComponent("text_encoder_2")
        try FileManager.default.removeItem(at: copy.file("text_encoder_2"))
        try FileManager.default.copyItem(at: other, to: copy.file("text_encoder_2"))
        #expect(copy.failure()?.summary.contains("16 and 16 wide") == true)
    }

    @Test("a LoRA and an unrelated file say what they are")
    func otherFiles() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: url) }
        try SafetensorsWriter.write(
            [.init(name: "lora_unet_x.lora_up.weight", shape: [1, 1], values: [1])], to: url.path)
        #expect { try Checkpoint(url) } throws: { "\($0)".contains("LoRA") }
        try SafetensorsWriter.write([.init(name: "w", shape: [1], values: [1])], to: url.path)
        #expect { try Checkpoint(url) } throws: { "\($0)".contains("not those of an SDXL") }
    }
}
