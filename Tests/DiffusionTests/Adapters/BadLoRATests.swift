import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite("LoRA files that cannot be used")
struct BadLoRATests {
    private typealias Tensor = SafetensorsWriter.Tensor

    private func tensor(_ name: String, _ shape: [Int], _ value: Float = 0.1) -> Tensor {
        .init(
            name: name, shape: shape,
            values: [Float](repeating: value, count: shape.reduce(1, *)))
    }

    /// A pair for a 16 by 16 attention layer of three-levels.
    private func pair(_ module: String, rows: Int = 16, columns: Int = 16) -> [Tensor] {
        [
            tensor("lora_unet_\(module).lora_up.weight", [rows, 2]),
            tensor("lora_unet_\(module).lora_down.weight", [2, columns]),
        ]
    }

    private static let module = "mid_block_attentions_0_transformer_blocks_0_attn1_to_q"

    /// The LoRA of these tensors, or why there is none.
    private func open(
        _ tensors: [Tensor]
    ) throws -> (lora: LoRA?, problem: String) {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("lora-\(UUID().uuidString).safetensors")
        try SafetensorsWriter.write(tensors, to: url.path)
        defer { try? FileManager.default.removeItem(at: url) }
        do {
            let checkpoint = try Checkpoint(TinyModels.folder("three-levels"))
            return (try LoRA(url, for: checkpoint), "")
        } catch let error as any UserFacingError { return (nil, error.summary) }
    }

    @Test("a pair is understood; a half, a wrong shape and bare numbers are named")
    func shapes() throws {
        #expect(try open(pair(Self.module)).lora?.changes.count == 1)
        #expect(try open(Array(pair(Self.module).prefix(1))).problem.contains("no down"))
        let wide = try open(pair(Self.module, columns: 20)).problem
        #expect(wide.contains("[2, 20]") && wide.contains("[16, 16]"))
        let bare = [tensor("lora_unet_\(Self.module).alpha", [])]
        #expect(try open(bare).problem.contains("weights"))
    }

    @Test("a kind that is not known is called unknown, not damaged; so is a bias without a place")
    func unknownKinds() throws {
        let checkpoint = try Checkpoint(TinyModels.folder("three-levels"))
        let file = LoRAFixtures.folder.appendingPathComponent("oft.safetensors")
        #expect {
            try LoRA(file, for: checkpoint)
        } throws: { error in
            guard case .notAnAdapter(_, let reason)? = error as? AdapterError else { return false }
            return reason.contains("none of its") && reason.contains("oft_blocks")
        }
        let stranger = "lora_unet_\(Self.module).oft_blocks"
        let both = try open(pair(Self.module) + [tensor(stranger, [2, 4, 4])])
        #expect(both.problem.contains("oft_blocks"))
        let bias = [tensor("lora_unet_\(Self.module).lora_up.bias", [16])]
        #expect(try open(pair(Self.module) + bias).problem.contains("lora_up.bias"))
    }

    @Test("unknown modules are counted: few are a warning, many an error")
    func unknown() throws {
        let known = (0..<2).flatMap { block in
            ["attn1_to_q", "attn1_to_k", "attn1_to_v", "attn1_to_out_0", "attn2_to_q"].flatMap {
                pair("mid_block_attentions_0_transformer_blocks_\(block)_\($0)")
            }
        }
        let stranger = [tensor("lora_unet_nowhere.alpha", [])]
        let some = try open(known + stranger)
        #expect(some.lora?.warnings.first?.contains("1 of 21") == true)
        #expect(some.lora?.warnings.first?.contains("lora_unet_nowhere.alpha") == true)
        let many = try open(known + pair("nowhere") + pair("elsewhere")).problem
        #expect(many.contains("4 of 24") && many.contains("lora_unet_elsewhere"))
    }

    @Test("the family of another base model is told from widths")
    func otherBase() throws {
        let cross = "down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
        let old = try open(pair(cross, rows: 320, columns: 768)).problem
        #expect(old.contains("made for Stable Diffusion 1.5") && old.contains("SDXL"))
        let flux = try open(pair("double_blocks_0_img_attn_qkv")).problem
        #expect(flux.contains("Flux"))
    }

    @Test("numbers that are none are refused when they are merged, and the model stays usable")
    func notFinite() async throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("lora-\(UUID().uuidString).safetensors")
        var tensors = pair(Self.module)
        tensors[0] = tensor("lora_unet_\(Self.module).lora_up.weight", [16, 2], .infinity)
        try SafetensorsWriter.write(tensors, to: url.path)
        defer { try? FileManager.default.removeItem(at: url) }
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (64, 64, 1)
        (request.seeds, request.precision) = ([1], .f32)
        let before = try await EngineRun(engine, request).pixels
        request.loras = [LoRAReference(name: url.path)]
        let problem = await #expect(throws: AdapterError.self) {
            try await EngineRun(engine, request)
        }
        guard case .notFinite(url.path, let module?)? = problem else {
            Issue.record("\(problem.map { "\($0)" } ?? "accepted")")
            return
        }
        #expect(module.replacing(".", with: "_") == Self.module)
        #expect(problem?.summary.contains("has weights for \(module) that are infinite") == true)
        request.loras = []
        #expect(try await EngineRun(engine, request).pixels == before)
    }

    @Test("tags of the prompt become LoRAs, and are no text")
    func tags() async throws {
        let url = LoRAFixtures.folder.appendingPathComponent("kohya.safetensors")
        let engine = DiffusionEngine(
            embeddedModel: TinyModels.folder("three-levels"),
            known: KnownModels(lora: { $0 == "oil" ? url : nil }))
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (64, 64, 2)
        (request.seeds, request.precision) = ([1], .f32)
        request.loras = [LoRAReference(name: "oil", weight: 0.5)]
        let listed = try await EngineRun(engine, request)
        request.loras = []
        request.prompt = "a lake<lora:oil:0.9:0.5>"
        let tagged = try await EngineRun(engine, request)
        #expect(tagged.pixels == listed.pixels)
        guard case .started(let record)? = tagged.events.first else {
            Issue.record("no start")
            return
        }
        #expect(record.prompt == request.prompt)
        #expect(record.effectivePrompt == "a lake")
        #expect(record.loras.map(\.textEncoderWeight) == [0.9])
        #expect(try await EngineRun(engine, record).pixels == listed.pixels)
    }
}
