import Foundation
import Generation
import Tensors

/// The local engine: SDXL on the CPU behind the generation contract.
///
/// An actor on a thread of its own; one request runs at a time, the others wait. Tensors never
/// leave it. The last model stays in memory until another one is asked for.
public actor DiffusionEngine: ImageGenerator {
    public nonisolated let id = "local"

    private let thread = EngineThread(name: "latent engine")
    let library: ModelLibrary
    private var loaded: (key: PipelineKey, pipeline: SDXLPipeline)?
    private var loadedRefiner: (key: PipelineKey, pipeline: SDXLPipeline)?

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    /// What the model in memory was made for.
    private struct PipelineKey: Equatable {
        let model: String
        let weights: Set<FileStamp>
        let options: ComputeOptions
        let streams: Bool
    }

    /// - Parameters:
    ///   - embeddedModel: the folder that a request without a model means.
    ///   - resolve: turns a model's or VAE's name into its place; nil when nobody knows it.
    ///   - known: what else has a name.
    public init(
        embeddedModel: URL? = nil, resolve: @escaping @Sendable (String) -> URL? = { _ in nil },
        known: KnownModels = KnownModels()
    ) {
        library = ModelLibrary(embeddedModel: embeddedModel, resolve: resolve, known: known)
    }

    public nonisolated func capabilities(
        for request: GenerationRequest
    ) async throws -> GeneratorCapabilities {
        .local(try await library.checkpoint(for: request))
    }

    public nonisolated func defaults(
        for request: GenerationRequest
    ) async throws -> RequestDefaults {
        request.defaults(of: try await library.checkpoint(for: request))
    }

    /// The weight files of the model that `request` names, by role (`model`, or `unet`, `vae`, ...),
    /// for hashing.
    public nonisolated func weightFiles(
        for request: GenerationRequest
    ) async throws -> [String: [URL]] {
        let checkpoint = try await library.checkpoint(for: request)
        let companions = try await library.companions(for: request, beside: checkpoint)
        return checkpoint.weightFiles.merging(companions.weightFiles) { own, _ in own }
    }

    public nonisolated func generate(
        _ request: GenerationRequest, options: ExecutionOptions
    ) -> AsyncThrowingStream<GenerationEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    let checkpoint = try await library.checkpoint(for: request)
                    let resolved = try request.resolved(for: checkpoint)
                        .namingEmbeddings(library.known.embeddings(request.model))
                    let companions = try await library.companions(
                        for: resolved, beside: checkpoint)
                    try await run(resolved, options, checkpoint, companions) {
                        continuation.yield($0)
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: Self.userFacing(error))
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Drops the model in memory.
    public func unload() {
        loaded = nil
        loadedRefiner = nil
    }

    private func run(
        _ resolved: GenerationRequest, _ options: ExecutionOptions, _ checkpoint: Checkpoint,
        _ companions: Companions, report: @escaping (GenerationEvent) -> Void
    ) throws {
        let start = ContinuousClock.now
        if options.givesWay { Compute.giveWay() }
        if let name = InstructionLevel.unknownName { throw EngineError.unknownLevel(name) }
        var run = try GenerationRun(
            resolved, options, checkpoint, companions, report: report)
        if let lack = run.chooseResidence(checkpoint) { throw lack }
        report(.started(resolved))
        let notes = companions.adapters.warnings + companions.refinerWords.warnings
        for note in checkpoint.notes + notes { report(.warning(note)) }
        if companions.refiner == nil { loadedRefiner = nil }
        let pipeline = try pipeline(
            checkpoint, run.computeOptions, streams: run.streams, in: &loaded)
        for note in pipeline.notes { report(.warning(note)) }
        pipeline.use(companions.adapters)
        let refiner = try companions.refiner.map {
            try self.pipeline(
                $0, run.computeOptions, streams: run.streams, in: &loadedRefiner)
        }
        refiner?.use(companions.refinerWords)
        let computes = [pipeline, refiner].compactMap { $0?.compute }
        for compute in computes {
            compute.checkCancelled = { try Task.checkCancellation() }
        }
        defer { for compute in computes { compute.checkCancelled = nil } }
        do {
            var summary = try run(on: pipeline, refiner: refiner)
            summary.timing.total = (ContinuousClock.now - start).inSeconds
            report(.stage(.finished))
            report(.finished(summary))
        } catch {
            if !pipeline.isLoaded { loaded = nil }
            if refiner?.isLoaded == false { loadedRefiner = nil }
            throw try EngineError.cause(
                of: error, in: checkpoint.networkTensors + companions.networkTensors,
                pipeline.compute)
        }
    }

    /// The model in memory when it is the right one, otherwise a new one in its place.
    private func pipeline(
        _ checkpoint: Checkpoint, _ options: ComputeOptions, streams: Bool,
        in place: inout (key: PipelineKey, pipeline: SDXLPipeline)?
    ) throws -> SDXLPipeline {
        let key = PipelineKey(
            model: checkpoint.path, weights: checkpoint.stamps, options: options,
            streams: streams)
        if let place, place.key == key { return place.pipeline }
        place = nil
        let pipeline = try SDXLPipeline(checkpoint, options: options, streams: streams)
        place = (key, pipeline)
        return pipeline
    }

    /// Failures of the numeric layer in words that a person can act on.
    private static func userFacing(_ error: any Error) -> any Error {
        switch error as? TensorError {
        case .outOfMemory: EngineError.outOfMemory
        case .stopped: CancellationError()
        default: error
        }
    }
}

extension Duration {
    /// The duration in seconds.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
