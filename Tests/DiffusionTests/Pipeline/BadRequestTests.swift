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
        request.precision = .int8
        request.loras = [LoRAReference(name: "x")]
        request.clipSkip = 12
        let error = await failure(request) as? InvalidRequest
        let fields = Set(error?.problems.map(\.field) ?? [])
        #expect(
            fields.isSuperset(of: [
                .width, .steps, .guidanceScale, .precision, .loras, .clipSkip,
            ]))
        let lora = error?.problems.first { $0.field == .loras }
        #expect(lora?.reason == "not supported by this backend yet")
    }

    @Test("a size that cannot fit into memory is refused with the figure")
    func memory() async throws {
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (8192, 8192, 1)
        request.precision = .f32
        let checkpoint = try Checkpoint(TinyModels.folder("three-levels"))
        let estimate = MemoryEstimate(checkpoint, precision: .float32)
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
        #expect(capabilities.support(for: .hires).isSupported == false)
        #expect(capabilities.support(for: .prompt2).isSupported)
        #expect(try await engine.weightFiles(for: request).count == 4)
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
