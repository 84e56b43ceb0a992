import Foundation
import Generation
import Tensors

/// Measures what LoRAs cost: a step with each of them beside a step without, and how long the change
/// from one to the next holds a step up.
///
/// Everything alternates within one process, so that the ratios do not depend on the machine's mood.
public enum AdapterBenchmark {
    /// The figures of one LoRA, or of none.
    public struct Row: Codable, Hashable, Sendable {
        /// The file's name, empty without a LoRA.
        public let name: String
        /// Of a step with its weights in place.
        public internal(set) var seconds: [Double] = []
        /// What the step after the change took beyond the next one.
        public internal(set) var switching: [Double] = []

        /// The middle of ``seconds``.
        public var medianSeconds: Double { Self.median(seconds) }
        /// The middle of ``switching``.
        public var medianSwitching: Double { Self.median(switching) }

        private static func median(_ values: [Double]) -> Double {
            let sorted = values.sorted()
            guard !sorted.isEmpty else { return 0 }
            let upper = sorted[sorted.count / 2]
            return sorted.count % 2 == 1 ? upper : (sorted[sorted.count / 2 - 1] + upper) / 2
        }
    }

    /// The figures of a measurement; encodes as `latent bench --lora --json` prints it.
    public struct Report: Codable, Hashable, Sendable {
        public let width: Int
        public let height: Int
        public let batch: Int
        public let precision: Generation.Precision
        /// Whether changes are merged at every step anew, as the weights pass through memory.
        public let isStreamed: Bool
        /// The first is without a LoRA.
        public internal(set) var rows: [Row]
    }

    /// Runs a measurement on a thread of its own.
    ///
    /// - Parameters:
    ///   - options: a model of its own, and how the UNet runs.
    ///   - loras: files for that model.
    /// - Throws: ``WeightsError``, ``AdapterError``, `CancellationError`.
    public static func run(
        _ options: EngineBenchmark.Options, loras: [URL]
    ) async throws -> Report {
        try await BenchmarkRunner().run(options, loras: loras)
    }
}

extension BenchmarkRunner {
    func run(
        _ options: EngineBenchmark.Options, loras: [URL]
    ) throws -> AdapterBenchmark.Report {
        guard case .model(let url) = options.shape else { throw EngineError.noModel }
        let compute = try Compute(options.computeOptions)
        compute.checkCancelled = { try Task.checkCancellation() }
        defer { compute.checkCancelled = nil }
        let checkpoint = try Checkpoint(url)
        let sets =
            try [AdapterSet()]
            + loras.map { url in
                var set = AdapterSet()
                set.add(try LoRA(url, for: checkpoint), unetStrength: 1, textStrength: 1)
                return set
            }
        let names = [""] + loras.map(\.lastPathComponent)
        var report = AdapterBenchmark.Report(
            width: options.width, height: options.height, batch: options.batch,
            precision: options.precision, isStreamed: options.streams,
            rows: names.map { AdapterBenchmark.Row(name: $0) })
        let layers = LayerCache()
        // The first round also reads files and makes caches; it does not count.
        for round in 0...max(1, options.repeats) {
            for (index, set) in sets.enumerated() {
                let (first, second) = try stepTimes(
                    checkpoint, set, options, layers: layers, compute: compute)
                if round == 0 { continue }
                report.rows[index].seconds.append(second)
                report.rows[index].switching.append(first - second)
            }
        }
        return report
    }

    /// The first step with other LoRAs, everything that the change asks for included, and the next.
    private func stepTimes(
        _ checkpoint: Checkpoint, _ set: AdapterSet, _ options: EngineBenchmark.Options,
        layers: LayerCache, compute: Compute
    ) throws -> (first: Double, second: Double) {
        let stopwatch = Stopwatch()
        let network = checkpoint.unet.patched(set.patches[.unet] ?? [:])
        let loaded: (model: UNet2DConditionModel, weights: [any PreparedWeights]) =
            try network.loadWithWeights(
                compute, residence: options.streams ? .streamed : .kept, layers: layers)
        let unet = loaded.model
        let conditioning = try BenchmarkWork.conditioning(unet, options, compute)
        let scale = checkpoint.vae.configuration.scale
        let shape = [
            options.batch, unet.configuration.inChannels, options.height / scale,
            options.width / scale,
        ]
        let latents = try BenchmarkWork.noise(shape, compute)
        _ = try unet(latents, timestep: 501, conditioning: conditioning)
        let first = stopwatch.lap()
        _ = try unet(latents, timestep: 501, conditioning: conditioning)
        return (first, stopwatch.lap())
    }
}
