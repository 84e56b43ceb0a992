/// A backend that draws a deterministic pattern instead of thinking: for tests of everything that
/// stands on the contract. The program offers it as `fake` when `LATENT_FAKE_BACKEND` is set.
public struct FakeGenerator: ImageGenerator {
    public let id: String
    /// Time that a step takes.
    public let stepDuration: Duration
    /// A reason to fail at the given step, or nil.
    public let failure: (step: Int, summary: String)?

    /// A fake; `stepDuration` zero runs as fast as possible.
    public init(
        id: String = "fake", stepDuration: Duration = .zero,
        failure: (step: Int, summary: String)? = nil
    ) {
        self.id = id
        self.stepDuration = stepDuration
        self.failure = failure
    }

    /// The failure that a test asked for.
    public struct RequestedFailure: UserFacingError {
        public let summary: String
        public let hint: String? = "this is a fake backend"
    }

    public func capabilities(for request: GenerationRequest) async throws -> GeneratorCapabilities {
        var fields: [RequestField: FieldSupport] = [:]
        for field in RequestField.allCases { fields[field] = .any }
        return GeneratorCapabilities(
            fields: fields, maximumCount: 64, reportsProgress: true, sendsPreviews: true,
            canCancel: true, repeatability: .exact)
    }

    public func defaults(for request: GenerationRequest) async throws -> RequestDefaults {
        RequestDefaults(width: 64, height: 64, steps: 4)
    }

    public func generate(
        _ request: GenerationRequest, options: ExecutionOptions
    ) -> AsyncThrowingStream<GenerationEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await run(request, options) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func run(
        _ request: GenerationRequest, _ options: ExecutionOptions,
        report: (GenerationEvent) -> Void
    ) async throws {
        let problems = request.problems(for: try await capabilities(for: request))
        guard problems.isEmpty else { throw InvalidRequest(problems: problems) }
        var resolved = request.filled(from: try await defaults(for: request))
        if resolved.seeds.isEmpty { resolved.seeds = [UInt64.random(in: 0...UInt64(UInt32.max))] }
        let (width, height) = (resolved.width ?? 64, resolved.height ?? 64)
        let (steps, count) = (resolved.steps ?? 1, resolved.seeds.count)
        report(.started(resolved))
        report(.stage(.encodingText))
        for (index, seed) in resolved.seeds.enumerated() {
            for step in 0...steps {
                try Task.checkCancellation()
                if let failure, failure.step == step {
                    throw RequestedFailure(summary: failure.summary)
                }
                report(.stage(.sampling(step: step, count: steps, image: index, imageCount: count)))
                if step > 0, stepDuration > .zero { try await Task.sleep(for: stepDuration) }
                if options.wantsPreviews, step > 0 {
                    let preview = Self.pattern(
                        width: max(1, width / 8), height: max(1, height / 8), seed: seed)
                    report(.preview(PreviewImage(index: index, step: step, image: preview)))
                }
            }
            report(.stage(.decoding(image: index, imageCount: count)))
            let image = Self.pattern(width: width, height: height, seed: seed)
            report(.image(GeneratedImage(index: index, seed: seed, image: image)))
        }
        report(.stage(.finished))
        report(.finished(GenerationSummary()))
    }

    /// A diagonal gradient whose colours depend on the seed.
    static func pattern(width: Int, height: Int, seed: UInt64) -> PixelImage {
        var rgb: [UInt8] = []
        rgb.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                rgb.append(UInt8(truncatingIfNeeded: x * 255 / max(1, width - 1)))
                rgb.append(UInt8(truncatingIfNeeded: y * 255 / max(1, height - 1)))
                rgb.append(UInt8(truncatingIfNeeded: seed &* 37 &+ UInt64(x + y)))
            }
        }
        return PixelImage(width: width, height: height, rgb: rgb)
            ?? PixelImage(width: 1, height: 1, filledWith: (0, 0, 0))
    }
}
