import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite("Textual inversions", .serialized)
struct TextualInversionTests {
    private static let folder = TinyModels.fixtures.appendingPathComponent("embeddings")

    private func requests() throws -> [GenerationRequest] {
        let data = try Data(contentsOf: Self.folder.appendingPathComponent("requests.json"))
        return try JSONDecoder().decode([GenerationRequest].self, from: data).map {
            var request = $0
            for index in request.embeddings.indices {
                let name = request.embeddings[index].path
                request.embeddings[index].path = Self.folder.appendingPathComponent(name).path
            }
            return request
        }
    }

    @Test("words of several vectors give diffusers' pictures: two encoders, one, and a refiner")
    func parity() async throws {
        let expected = try ReferenceTensors(
            Self.folder.appendingPathComponent("pictures.safetensors"))
        for (index, request) in try requests().enumerated() {
            let place = { TinyModels.fixtures.appendingPathComponent($0) }
            let key = [3: "sd1", 4: "refiner"][index] ?? String(index)
            let model = place(
                index == 3 ? "layouts/sd1" : request.model ?? "models/three-levels")
            var request = request
            (request.model, request.refiner) = (nil, request.refiner.map { place($0).path })
            let result = try await EngineRun(DiffusionEngine(embeddedModel: model), request)
            let latents = Difference(result.latents, try expected.floats("\(key).latents"))
            #expect(latents.relative < 5e-4, "\(key) latents: \(latents)")
            let pixels = Difference(result.pixels, try expected.bytes("\(key).pixels"))
            #expect(pixels.decibels >= 50 && pixels.maximum <= 2, "\(key) pixels: \(pixels)")
        }
    }

    @Test("a known name is found as a word, and after ComfyUI's prefix, in any case")
    func names() async throws {
        let cat = Self.folder.appendingPathComponent("cat.safetensors")
        let engine = DiffusionEngine(
            embeddedModel: TinyModels.folder("three-levels"),
            known: KnownModels(embeddings: { _ in ["cat": cat] }))
        var request = try requests()[0]
        request.embeddings = []
        request.negativePrompt = nil
        var pictures: [[UInt8]] = []
        for prompt in ["a cat, red", "a Cat, red", "a embedding:cat, red", "a category, red"] {
            request.prompt = prompt
            let run = try await EngineRun(engine, request)
            pictures.append(run.pixels)
            if case .started(let resolved)? = run.events.first {
                let words = prompt.contains("category") ? [] : ["cat"]
                #expect(resolved.embeddings.map(\.token) == words)
            }
        }
        #expect(pictures[0] == pictures[1])
        #expect(pictures[0] == pictures[2])
        request.prompt = "a category, red"
        let plain = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        #expect(try await EngineRun(plain, request).pixels == pictures[3])
        request.prompt = "a cat, red"
        #expect(try await EngineRun(plain, request).pixels != pictures[0])
    }

    @Test("vectors count as tokens and stay together in a chunk")
    func counting() throws {
        let cat = Self.folder.appendingPathComponent("cat.safetensors")
        let tokenizer = try CLIPTokenizer.clip(padding: .endOfText)
        let counted = tokenizer.adding(embeddings: ["cat": cat])
        for weighting in [PromptWeighting.a1111, .comfy] {
            let chunker = PromptChunker(tokenizer: counted, weighting: weighting)
            #expect(chunker.count("a cat").tokens == 4)
            let words = String(repeating: "red ", count: 73)
            let chunks = chunker.chunks(of: words + "cat")
            #expect(chunks.map(\.textTokenCount) == [73, 3])
        }
        #expect(PromptChunker(tokenizer: tokenizer, weighting: .a1111).count("a cat").tokens == 2)
    }

    @Test("files of other models, with one table missing, or of another kind are refused")
    func refused() throws {
        let checkpoint = try Checkpoint(TinyModels.folder("three-levels"))
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("embeddings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func failure(_ tensors: [SafetensorsWriter.Tensor]) throws -> String {
            let url = folder.appendingPathComponent("word.safetensors")
            try SafetensorsWriter.write(tensors, to: url.path)
            do {
                _ = try TextualInversion(token: "word", url, for: checkpoint)
                return "opened"
            } catch let error as any UserFacingError { return error.summary }
        }
        func table(_ name: String, _ count: Int, _ width: Int, _ value: Float = 0.1)
            -> SafetensorsWriter.Tensor
        {
            .init(
                name: name, shape: [count, width],
                values: [Float](repeating: value, count: count * width))
        }
        #expect(try failure([table("emb_params", 2, 768)]).contains("Stable Diffusion 1.5"))
        #expect(
            try failure([table("clip_l", 1, 768), table("clip_g", 1, 1280)])
                .contains("1280 and 768 wide"))
        #expect(try failure([table("clip_l", 1, 16)]).contains("no clip_g"))
        #expect(try failure([table("clip_l", 1, 16), table("clip_g", 1, 20)]).contains("20 wide"))
        #expect(
            try failure([table("clip_l", 1, 16, .nan), table("clip_g", 1, 24)])
                .contains("not numbers"))
        #expect(try failure([table("clip_l", 100, 16)]).contains("1 to 75"))
        #expect(try failure([table("a", 1, 1), table("b", 1, 1)]).contains("one table"))
    }
}
