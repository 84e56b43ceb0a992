import Foundation
import Generation
import Tensors
import Testing

@testable import Diffusion

@Suite("Requests that cannot run", .serialized)
struct BadRequestTests {
    private let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))

    private func failure(
        _ request: GenerationRequest, _ options: ExecutionOptions = ExecutionOptions(threads: 1)
    ) async -> (any Error)? {
        do {
            for try await event in engine.generate(request, options: options) {
                if case .stage(.sampling) = event {
                    Issue.record("work started")
                    return nil
                }
            }
            return nil
        } catch { return error }
    }

    @Test("all problems are reported at once, before any work")
    func allProblems() async throws {
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.steps, request.guidanceScale) = (65, 0, .nan)
        request.loras = [LoRAReference(name: "x", weight: .nan)]
        request.clipSkip = 12
        let error = await failure(request) as? InvalidRequest
        let fields = Set(error?.problems.map(\.field) ?? [])
        #expect(
            fields.isSuperset(of: [
                .width, .steps, .guidanceScale, .loras, .clipSkip,
            ]))
        let lora = error?.problems.first { $0.field == .loras }
        #expect(lora?.reason == "the weight must be a finite number")
    }

    @Test("a size that cannot fit into memory is refused with the figure")
    func memory() async throws {
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (8192, 8192, 1)
        request.precision = .f32
        let checkpoint = try Checkpoint(TinyModels.folder("three-levels"))
        let estimate = MemoryEstimate(checkpoint, ComputeOptions(), streams: false)
        let needed = estimate.peakBytes(height: 1024, width: 1024, branches: 2)
        #expect(needed > estimate.peakBytes(height: 512, width: 512, branches: 2))
        #expect(needed >= estimate.peakBytes(height: 1024, width: 1024, branches: 1))
        let error = EngineError.tooLittleMemory(needed: 61_440_000_000, available: 8_000_000_000)
        #expect(error.summary.contains("61.4 GB") && error.summary.contains("8.0 GB"))
        #expect(SystemMemory.available() > 100_000_000)
    }

    @Test("noise of another shape, without the tensor, or not finite")
    func noise() async throws {
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (64, 64, 1)
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(UUID().uuidString).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let options = ExecutionOptions(threads: 1, initialNoisePath: path)
        let cases: [(SafetensorsWriter.Tensor, String)] = [
            (
                .init(
                    name: "latents", shape: [1, 4, 8, 9], values: .init(repeating: 0, count: 288)),
                "[1, 4, 8, 8] is needed"
            ),
            (.init(name: "noise", shape: [1], values: [0]), "no tensor \"latents\""),
            (
                .init(
                    name: "latents", shape: [1, 4, 8, 8], values: .init(repeating: .nan, count: 256)
                ),
                "not finite"
            ),
        ]
        for (tensor, reason) in cases {
            try SafetensorsWriter.write([tensor], to: path)
            let error = await failure(request, options)
            #expect("\(error.map { "\($0)" } ?? "none")".contains(reason))
        }
        try FileManager.default.removeItem(atPath: path)
        #expect(await failure(request, options) as? WeightsError == .notFound(path: path))
    }

    @Test("a model that is not there, and none at all")
    func model() async throws {
        var request = GenerationRequest(prompt: "a lake")
        request.model = "no-such-model"
        let error = await failure(request)
        #expect("\(error.map { "\($0)" } ?? "none")".contains("no-such-model"))
        await #expect(throws: EngineError.noModel) {
            try await DiffusionEngine().defaults(for: GenerationRequest(prompt: ""))
        }
    }

    @Test("a name is resolved by the closure")
    func resolver() async throws {
        let folder = TinyModels.folder("distilled")
        let engine = DiffusionEngine { $0 == "tiny" ? folder : nil }
        var request = GenerationRequest(prompt: "")
        request.model = "tiny"
        let defaults = try await engine.defaults(for: request)
        #expect(defaults.width == 64)
        #expect(defaults.steps == 30)
        let capabilities = try await engine.capabilities(for: request)
        #expect(capabilities.support(for: .extras).isSupported == false)
        #expect(capabilities.support(for: .prompt2).isSupported)
        #expect(try await engine.weightFiles(for: request).count == 4)
    }

    @Test("a model whose files were replaced is opened again")
    func replacedModel() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("replaced-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: TinyModels.folder("three-levels"), to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        let engine = DiffusionEngine(embeddedModel: folder)
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (64, 64, 1)
        (request.seeds, request.precision) = ([1], .f32)
        let before = try await EngineRun(engine, request)
        let again = try await EngineRun(engine, request)
        #expect(before.pixels == again.pixels)
        let vae = folder.appendingPathComponent("vae")
        try FileManager.default.removeItem(at: vae)
        try FileManager.default.copyItem(
            at: TinyModels.folder("distilled").appendingPathComponent("vae"), to: vae)
        let after = try await EngineRun(engine, request)
        #expect(after.pixels != before.pixels)
        let file = vae.appendingPathComponent("config.json")
        var object =
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
        object["scaling_factor"] = 0.5
        try JSONSerialization.data(withJSONObject: object).write(to: file)
        #expect(try await EngineRun(engine, request).pixels != after.pixels, "a configuration")
    }

    @Test("latents that cannot be written are refused before any work")
    func unwritableLatents() async throws {
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (64, 64, 1)
        var options = ExecutionOptions(threads: 1)
        options.latentsOutputPath = "/proc/nowhere/latents.safetensors"
        #expect(await failure(request, options) is any UserFacingError)
    }

    @Test("a LoRA in the prompt that nobody knows is refused, not ignored")
    func loraTag() async throws {
        var request = GenerationRequest(prompt: "a lake <lora:oil:0.8>")
        (request.width, request.height, request.steps) = (64, 64, 1)
        #expect(await failure(request) as? AdapterError == .notFound(name: "oil"))
    }

    @Test("a strength that leaves no step, and a picture that is not there")
    func initialPicture() async throws {
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (64, 64, 4)
        request.initImage = TinyModels.fixtures.appendingPathComponent("expected/input.png").path
        request.strength = 0.2
        let error = await failure(request) as? InvalidRequest
        #expect(error?.problems.map(\.field) == [.strength])
        request.initImage = "/nowhere/picture.png"
        #expect(await failure(request) is any UserFacingError)
    }

    @Test("a style that nobody expanded is refused, not ignored")
    func style() async throws {
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (64, 64, 1)
        request.style = "oil"
        let error = await failure(request) as? InvalidRequest
        #expect(error?.problems.map(\.field) == [.style])
    }
}
