import Foundation
import Generation
import Tensors

/// Measures the engine's parts on the real shape of a model, without needing the model: weights
/// are random numbers made in memory.
public enum EngineBenchmark {
    /// What is measured.
    public enum Part: String, Codable, CaseIterable, Sendable {
        /// One call of the UNet.
        case unet
        /// Decoding latents to pixels.
        case vae
        /// Both text encoders on one prompt of 77 tokens.
        case text
        /// All of them one after another: a picture of one step.
        case run
    }

    /// Whose shape is measured.
    public enum Shape: Hashable, Sendable {
        /// SDXL base 1.0, with random weights.
        case sdxl
        /// The model in that folder or file, with its own weights.
        case model(URL)
    }

    /// A measurement.
    public struct Options: Hashable, Sendable {
        public var part: Part
        public var shape: Shape
        /// Pixels.
        public var width: Int
        /// Pixels.
        public var height: Int
        /// Of activations and weights; int8 acts on the UNet's blocks.
        public var precision: Generation.Precision
        /// Pictures side by side; 2 is a step with guidance.
        public var batch: Int
        /// Measured repetitions, after one that is not measured.
        public var repeats: Int
        /// Threads, nil: one per core.
        public var threads: Int?
        /// Whether the UNet's weights pass through memory layer by layer; only for a model's own.
        public var streams = false
        /// The instructions to use; never above what the machine has.
        public var level = InstructionLevel.preferred

        /// A step with guidance at 1024x1024 in the fastest precision.
        public init(part: Part = .unet, shape: Shape = .sdxl) {
            self.part = part
            self.shape = shape
            (width, height) = (1024, 1024)
            precision = .fastest
            (batch, repeats) = (2, 3)
        }
    }

    /// Time and arithmetic of one kind of operation in one repetition.
    public struct Operation: Codable, Hashable, Sendable {
        public let kind: String
        public let seconds: Double
        /// Billions of operations per second.
        public let gflops: Double
        /// Of the machine's own matrix rate.
        public let shareOfPeak: Double
    }

    /// Time and arithmetic of one block of the UNet in one repetition.
    public struct Block: Codable, Hashable, Sendable {
        public let name: String
        public let seconds: Double
        /// Billions of operations per second.
        public let gflops: Double
        /// Of the machine's own matrix rate.
        public let shareOfPeak: Double
    }

    /// The figures of a measurement; encodes as `latent bench --json` prints it.
    public struct Report: Codable, Hashable, Sendable {
        public let what: Part
        public let width: Int
        public let height: Int
        public let batch: Int
        public let precision: Generation.Precision
        /// The instructions that were used.
        public let kernels: String
        /// The rate of a product whose operands stay in the caches, measured before.
        public let peakGflops: Double
        /// One per repetition.
        public let seconds: [Double]
        /// Largest resident memory of the process so far.
        public let peakMemoryBytes: Int
        /// Most bytes of activations alive at once.
        public let activationBytes: Int
        /// Per kind, mean over the repetitions, the slowest first.
        public let operations: [Operation]
        /// The UNet's blocks in order, mean over the repetitions.
        public let blocks: [Block]
    }

    /// Runs a measurement on a thread of its own.
    ///
    /// - Throws: ``WeightsError`` for a model that cannot be used, ``EngineError`` when memory does
    ///   not suffice, `CancellationError`.
    public static func run(_ options: Options) async throws -> Report {
        try await BenchmarkRunner().run(options)
    }
}

extension EngineBenchmark.Options {
    /// How the numeric layer runs the measurement.
    var computeOptions: ComputeOptions {
        var result = ComputeOptions()
        result.threads = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
        result.precision = precision == .f32 ? .float32 : .bfloat16
        result.quantizes = precision == .int8
        result.level = level
        return result
    }
}

/// Keeps a measurement off the cooperative pool.
actor BenchmarkRunner {
    private let thread = EngineThread(name: "latent bench")

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    func run(_ options: EngineBenchmark.Options) throws -> EngineBenchmark.Report {
        let compute = try Compute(options.computeOptions)
        compute.checkCancelled = { try Task.checkCancellation() }
        defer { compute.checkCancelled = nil }
        let peak = try MachineReport.matrixPeak(in: compute)
        let work = try BenchmarkWork(options, compute: compute)
        try work()
        compute.isProfiling = true
        work.meter.reset()
        var seconds: [Double] = []
        for _ in 0..<max(1, options.repeats) {
            let stopwatch = Stopwatch()
            try work()
            seconds.append(stopwatch.lap())
        }
        return EngineBenchmark.Report(
            what: options.part, width: options.width, height: options.height,
            batch: options.batch, precision: options.precision, kernels: compute.level.name,
            peakGflops: peak, seconds: seconds,
            peakMemoryBytes: SystemMemory.peakBytes() ?? 0,
            activationBytes: compute.peakActivationBytes,
            operations: Self.operations(compute.profile, repeats: seconds.count, peak: peak),
            blocks: work.meter.blocks(repeats: seconds.count, peak: peak))
    }

    private static func operations(
        _ profile: OperationProfile, repeats: Int, peak: Double
    ) -> [EngineBenchmark.Operation] {
        profile.entries.map { kind, entry in
            let rate = entry.operations / max(entry.seconds, 1e-9) / 1e9
            return EngineBenchmark.Operation(
                kind: kind.rawValue, seconds: entry.seconds / Double(repeats), gflops: rate,
                shareOfPeak: rate / max(peak, 1e-9))
        }.sorted { $0.seconds > $1.seconds }
    }
}
