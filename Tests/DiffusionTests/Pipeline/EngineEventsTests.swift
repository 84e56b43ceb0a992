import Foundation
import Generation
import Tensors
import Testing

@testable import Diffusion

@Suite("What the engine reports while it works", .serialized)
struct EngineEventsTests {
    private func request() -> GenerationRequest {
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (64, 64, 4)
        request.precision = .f32
        return request
    }

    @Test("defaults filled in, a seed drawn, every step once, a preview, figures")
    func events() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        var options = ExecutionOptions(threads: 1)
        options.wantsPreviews = true
        let run = try await EngineRun(engine, request(), options: options)
        guard case .started(let started)? = run.events.first else {
            Issue.record("the first event is not started")
            return
        }
        #expect(started.seeds.count == 1)
        #expect(started.guidanceScale == 5)
        let steps = run.events.compactMap { event -> Int? in
            if case .stage(.sampling(let step, 4, 0, 1)) = event { step } else { nil }
        }
        #expect(steps == [0, 1, 2, 3, 4])
        let previews = run.events.compactMap { event -> PixelImage? in
            if case .preview(let preview) = event { preview.image } else { nil }
        }
        // Steps that follow each other within moments share a preview.
        #expect((1...4).contains(previews.count))
        #expect(previews.allSatisfy { $0.width == 8 })
        #expect(Set(previews.map(\.rgb)).count == previews.count)
        guard case .finished(let summary)? = run.events.last else {
            Issue.record("the last event is not finished")
            return
        }
        #expect(summary.timing.total >= summary.timing.denoise)
        #expect(summary.timing.denoise > 0)
        #expect((summary.peakMemoryBytes ?? 0) > 1_000_000)
    }

    @Test("two-call samplers report each step once", arguments: [Sampler.heun, .dpm2, .pndm])
    func twoCalls(sampler: Sampler) async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        var request = request()
        request.sampler = sampler
        let run = try await EngineRun(engine, request)
        let steps = run.events.compactMap { event -> Int? in
            if case .stage(.sampling(let step, 4, _, _)) = event { step } else { nil }
        }
        #expect(steps == [0, 1, 2, 3, 4])
    }

    @Test("cancelling ends the stream with a CancellationError long before the end")
    func cancellation() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        var request = request()
        request.steps = 1000
        let started = ContinuousClock.now
        let task = Task { [request] in
            for try await event in engine.generate(request, options: ExecutionOptions(threads: 1)) {
                if case .stage(.sampling(step: 3, _, _, _)) = event { return true }
            }
            return false
        }
        #expect(try await task.value)
        // The consumer is gone; the engine must come free for the next request at once.
        _ = try await EngineRun(engine, self.request())
        #expect(ContinuousClock.now - started < .seconds(20))
    }

    @Test("a cancelled consumer sees a CancellationError")
    func cancelledConsumer() async throws {
        let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
        var request = request()
        request.steps = 1000
        let stream = engine.generate(request, options: ExecutionOptions(threads: 1))
        let (reached, signal) = AsyncStream.makeStream(of: Void.self)
        let task = Task { () -> Int in
            var count = 0
            for try await _ in stream {
                count += 1
                if count == 4 { signal.yield() }
            }
            try Task.checkCancellation()
            return count
        }
        for await _ in reached { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("an edit of the negative prompt keeps the prompt's embeddings")
    func cachedPrompts() throws {
        let checkpoint = try Checkpoint(TinyModels.folder("three-levels"))
        let pipeline = try SDXLPipeline(checkpoint, options: .init())
        let prompt = PromptText(first: "a lake", second: "a lake", skip: 2, weighting: .a1111)
        var negative = prompt
        negative.first = "fog"
        let first = try pipeline.text.encode([nil, prompt])
        let second = try pipeline.text.encode([negative, prompt])
        #expect(first[1] === second[1])
        #expect(first[0] !== second[0])
    }
}
