import Foundation
import Generation
import Testing

@testable import Diffusion

/// LoRA files of every kind and what the reference makes of them; see Tests/Reference/loras.py.
enum LoRAFixtures {
    static let folder = TinyModels.fixtures.appendingPathComponent("loras")

    /// - Parameter prefix: `blocks.` for the requests of lora_blocks.py.
    static func pictures(
        _ prefix: String = ""
    ) throws -> (requests: [GenerationRequest], tensors: ReferenceTensors) {
        let file = folder.appendingPathComponent("\(prefix)requests.json")
        let data = try Data(contentsOf: file)
        let requests = try JSONDecoder().decode([GenerationRequest].self, from: data).map {
            var request = $0
            for index in request.loras.indices {
                request.loras[index].name =
                    folder.appendingPathComponent(request.loras[index].name).path
            }
            return request
        }
        let pictures = folder.appendingPathComponent("\(prefix)pictures.safetensors")
        return (requests, try ReferenceTensors(pictures))
    }
}

@Suite("LoRAs against the reference", .serialized)
struct LoRAParityTests {
    /// One engine for all: each run changes the LoRAs of the model in memory.
    @Test("every kind and naming gives the reference's latents and pixels, one after another")
    func requests() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        let (requests, expected) = try LoRAFixtures.pictures()
        #expect(requests.count == 20)
        let plain = try expected.bytes("0.pixels")
        for (index, request) in requests.enumerated() {
            let names = request.loras.map { URL(fileURLWithPath: $0.name).lastPathComponent }
            let label = "\(index) \(names.joined(separator: "+")) \(request.loras.map(\.weight))"
            let result = try await EngineRun(engine, request)
            let latents = Difference(result.latents, try expected.floats("\(index).latents"))
            #expect(latents.relative < 5e-4, "\(label) latents: \(latents)")
            let pixels = Difference(result.pixels, try expected.bytes("\(index).pixels"))
            #expect(pixels.decibels >= 50, "\(label) pixels: \(pixels)")
            #expect(pixels.maximum <= 2, "\(label) pixels: \(pixels)")
            if index > 0 {
                #expect(Difference(result.pixels, plain).decibels < 40, "\(label) does nothing")
            }
        }
    }

    @Test("older names of encoders and GLoRA on convolutions give the reference's pictures")
    func names() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        let (requests, expected) = try LoRAFixtures.pictures("names.")
        #expect(requests.count == 2)
        for (index, request) in requests.enumerated() {
            let result = try await EngineRun(engine, request)
            let latents = Difference(result.latents, try expected.floats("\(index).latents"))
            #expect(latents.relative < 5e-4, "\(index) latents: \(latents)")
            let pixels = Difference(result.pixels, try expected.bytes("\(index).pixels"))
            #expect(pixels.decibels >= 50 && pixels.maximum <= 2, "\(index) pixels: \(pixels)")
        }
    }

    @Test("weights per block act as diffusers' do and as A1111 counts blocks")
    func blocks() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        let (requests, expected) = try LoRAFixtures.pictures("blocks.")
        #expect(requests.count == 3)
        for (index, request) in requests.enumerated() {
            let result = try await EngineRun(engine, request)
            let latents = Difference(result.latents, try expected.floats("\(index).latents"))
            #expect(latents.relative < 5e-4, "\(index) latents: \(latents)")
            let pixels = Difference(result.pixels, try expected.bytes("\(index).pixels"))
            #expect(pixels.decibels >= 50, "\(index) pixels: \(pixels)")
            var plain = request
            plain.loras[0].blockWeights = nil
            let whole = try await EngineRun(engine, plain)
            #expect(Difference(whole.pixels, result.pixels).decibels < 45, "\(index)")
        }
        var wrong = requests[0]
        wrong.loras[0].blockWeights = [1, 2, 3]
        await #expect(throws: InvalidRequest.self) { try await EngineRun(engine, wrong) }
    }

    @Test("a model that had LoRAs gives the same bits as one that never had, in both precisions")
    func switching() async throws {
        let (requests, _) = try LoRAFixtures.pictures()
        for precision in [Precision.f32, .bf16] {
            let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
            for index in [3, 0, 8, 3, 0] {
                var request = requests[index]
                request.precision = precision
                let fresh = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
                let expected = try await EngineRun(fresh, request)
                let found = try await EngineRun(engine, request)
                #expect(found.latents.map(\.bitPattern) == expected.latents.map(\.bitPattern))
            }
        }
    }
}

@Suite("Layouts of relatives against diffusers", .serialized)
struct LayoutParityTests {
    @Test("Stable Diffusion 1 and 2 give diffusers' pictures", arguments: ["sd1", "sd2"])
    func requests(name: String) async throws {
        let folder = TinyModels.fixtures.appendingPathComponent("layouts")
        let data = try Data(contentsOf: folder.appendingPathComponent("\(name).requests.json"))
        let requests = try JSONDecoder().decode([GenerationRequest].self, from: data)
        let expected = try ReferenceTensors(
            folder.appendingPathComponent("\(name).pictures.safetensors"))
        let engine = DiffusionEngine(embeddedModel: folder.appendingPathComponent(name))
        for (index, request) in requests.enumerated() {
            let label = "\(name) \(index)"
            let result = try await EngineRun(engine, request)
            let latents = Difference(result.latents, try expected.floats("\(index).latents"))
            #expect(latents.relative < 5e-4, "\(label) latents: \(latents)")
            let pixels = Difference(result.pixels, try expected.bytes("\(index).pixels"))
            #expect(pixels.decibels >= 50, "\(label) pixels: \(pixels)")
            #expect(pixels.maximum <= 2, "\(label) pixels: \(pixels)")
        }
    }
}
