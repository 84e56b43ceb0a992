import Foundation
import Generation
import Tensors
import Testing

@testable import Diffusion

@Suite("The same request gives the same bits", .serialized)
struct RepeatabilityTests {
    private func request(_ precision: Generation.Precision, seeds: [UInt64]) -> GenerationRequest {
        var request = GenerationRequest(prompt: "a lighthouse on a cliff")
        (request.width, request.height, request.steps) = (64, 72, 3)
        request.sampler = .eulerAncestral
        request.seeds = seeds
        request.precision = precision
        return request
    }

    @Test("with one thread and with three", arguments: [Generation.Precision.f32, .bf16])
    func threads(precision: Generation.Precision) async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        let request = request(precision, seeds: [5])
        let one = try await EngineRun(engine, request, options: ExecutionOptions(threads: 1))
        let three = try await EngineRun(engine, request, options: ExecutionOptions(threads: 3))
        #expect(one.latents.map(\.bitPattern) == three.latents.map(\.bitPattern))
        #expect(one.pixels == three.pixels)
    }

    @Test(
        "with weights resident and streamed",
        arguments: TinyModels.names, [Generation.Precision.f32, .bf16, .int8])
    func streamed(model: String, precision: Generation.Precision) async throws {
        guard Generation.Precision.offered.contains(precision) else { return }
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder(model))
        let request = request(precision, seeds: [5])
        let resident = try await EngineRun(engine, request)
        let streamed = try await EngineRun(
            engine, request, options: ExecutionOptions(threads: 2, memory: .streamed))
        #expect(resident.latents.map(\.bitPattern) == streamed.latents.map(\.bitPattern))
        #expect(resident.pixels == streamed.pixels)
    }

    @Test("after layers gave way and were prepared again")
    func droppedLayers() throws {
        let checkpoint = try Checkpoint(TinyModels.folder("three-levels"))
        let compute = try Compute(ComputeOptions(threads: 2, precision: .bfloat16))
        let loaded: (model: UNet2DConditionModel, weights: [any PreparedWeights]) =
            try checkpoint.unet.loadWithWeights(compute, residence: .kept)
        let (unet, weights) = loaded
        #expect(weights.allSatisfy { $0.byteCount == 0 })
        let width = unet.configuration.contextWidth
        let prompt = try compute.tensor(
            from: (0..<(77 * width)).map { Float($0 % 13) / 13 }, [1, 77, width])
        let pooled =
            (unet.configuration.additionInputWidth ?? 0)
            - 6 * (unet.configuration.additionTimeWidth ?? 0)
        let projections = try unet.project(prompt)
        let conditioning = try unet.prepare([
            UNet2DConditionModel.Branch(
                projections: projections,
                pooled: Array(repeating: 0.5, count: max(0, pooled)),
                micro: MicroConditioning(width: 64, height: 64))
        ])
        var source = PhiloxNoise(seed: 4)
        let latents = try compute.tensor(fromPlanes: source.normal(count: 4 * 64), [1, 4, 8, 8])
        func predict() throws -> [Float] {
            try compute.floats(unet(latents, timestep: 400, conditioning: conditioning))
        }
        let first = try predict()
        // All stay but the keys and values of the prompt, two layers for each projection.
        let kept = weights.filter { $0.byteCount > 0 }
        #expect(weights.count - kept.count == 2 * projections.count)
        for layer in kept.suffix(kept.count / 2) { #expect(layer.drop() > 0) }
        #expect(weights.last?.byteCount == 0)
        #expect(try predict().map(\.bitPattern) == first.map(\.bitPattern))
        #expect(weights.last?.byteCount != 0)
    }

    @Test("in a batch and alone", arguments: [Generation.Precision.f32, .bf16])
    func batch(precision: Generation.Precision) async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("conv-projection"))
        let batch = try await EngineRun(engine, request(precision, seeds: [3, 4, 3]))
        let alone = try await EngineRun(engine, request(precision, seeds: [4]))
        #expect(batch.images.count == 3)
        #expect(batch.images.map(\.seed) == [3, 4, 3])
        #expect(batch.images[1].image == alone.images[0].image)
        #expect(batch.images[0].image == batch.images[2].image)
        #expect(batch.images[0].image != batch.images[1].image)
    }

    @Test("in a new engine, and after other prompts went through it")
    func freshEngine() async throws {
        let folder = TinyModels.folder("distilled")
        let request = request(.f32, seeds: [9])
        let first = try await EngineRun(DiffusionEngine(embeddedModel: folder), request)
        let engine = DiffusionEngine(embeddedModel: folder)
        var other = request
        other.prompt = "a castle"
        other.negativePrompt = "fog"
        let between = try await EngineRun(engine, other)
        let second = try await EngineRun(engine, request)
        #expect(first.pixels == second.pixels)
        #expect(first.pixels != between.pixels)
    }

    @Test("with the drawn noise given as a file")
    func initialNoise() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        var request = request(.f32, seeds: [21, 22])
        request.sampler = .euler
        let drawn = try await EngineRun(engine, request)
        var values: [Float] = []
        for seed in request.seeds {
            var noise = TorchNoise(seed: seed)
            values += noise.normal(count: 4 * 9 * 8)
        }
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("noise-\(UUID().uuidString).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try SafetensorsWriter.write(
            [.init(name: "latents", shape: [2, 4, 9, 8], values: values)], to: path)
        request.seeds = [1, 2]
        let options = ExecutionOptions(threads: 1, initialNoisePath: path)
        let given = try await EngineRun(engine, request, options: options)
        #expect(given.pixels == drawn.pixels)
    }
}
