import Foundation
import Generation
import Tensors

/// Measures what ControlNets cost: a step of the UNet with each of them beside a step without, and
/// the operations of both.
///
/// Everything alternates within one process, so that the ratios do not depend on the machine's mood.
public enum ControlBenchmark {
    /// A ControlNet.
    public enum Network: Hashable, Sendable {
        /// The contracting half of SDXL's UNet with all its transformers, random weights.
        case full
        /// The same without any attention, random weights.
        case small
        /// A network of its own, for the model of the measurement.
        case file(URL)

        /// `full`, `small` or the file's name.
        public var name: String {
            switch self {
            case .full: "full"
            case .small: "small"
            case .file(let url): url.lastPathComponent
            }
        }
    }

    /// The figures of one ControlNet.
    public struct Row: Codable, Hashable, Sendable {
        /// Empty: the step without any.
        public let name: String
        /// Of whole steps.
        public internal(set) var seconds: [Double] = []
        /// Operations of a whole step.
        public internal(set) var operations = 0.0
        /// What it adds to the time of a step without, as a share of that.
        public internal(set) var timeShare = 0.0
        /// What it adds to the operations of a step without, as a share of those.
        public internal(set) var operationsShare = 0.0

        /// The middle of ``seconds``.
        public var medianSeconds: Double {
            let sorted = seconds.sorted()
            guard !sorted.isEmpty else { return 0 }
            return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
        }
    }

    /// The figures of a measurement; encodes as `latent bench --controlnet --json` prints it.
    public struct Report: Codable, Hashable, Sendable {
        public let width: Int
        public let height: Int
        public let batch: Int
        public let precision: Generation.Precision
        /// The first is without a ControlNet.
        public internal(set) var rows: [Row]
        /// What the UNet's own contracting half, which a full ControlNet copies, takes of the time of
        /// a step without: attention at many pixels makes it slower per operation than the rest.
        public internal(set) var contractingTimeShare = 0.0
        /// What it has of the step's operations.
        public internal(set) var contractingOperationsShare = 0.0
    }

    /// Runs a measurement on a thread of its own.
    ///
    /// - Throws: ``WeightsError``, ``EngineError``, `CancellationError`.
    public static func run(
        _ options: EngineBenchmark.Options, networks: [Network]
    ) async throws -> Report {
        try await BenchmarkRunner().run(options, networks: networks)
    }
}

extension BenchmarkRunner {
    func run(
        _ options: EngineBenchmark.Options, networks: [ControlBenchmark.Network]
    ) throws -> ControlBenchmark.Report {
        let compute = try Compute(options.computeOptions)
        compute.checkCancelled = { try Task.checkCancellation() }
        defer { compute.checkCancelled = nil }
        let work = try ControlBenchmarkWork(options, networks, compute)
        var report = ControlBenchmark.Report(
            width: options.width, height: options.height, batch: options.batch,
            precision: options.precision,
            rows: ([""] + networks.map(\.name)).map { ControlBenchmark.Row(name: $0) })
        // The first round fills caches; it counts operations and no time.
        var halves: [Double] = []
        for round in 0...max(1, options.repeats) {
            compute.isProfiling = round == 0
            for index in report.rows.indices {
                let before = compute.profile.operations
                let stopwatch = Stopwatch()
                try work.step(index == 0 ? nil : index - 1)
                let seconds = stopwatch.lap()
                if round == 0 {
                    report.rows[index].operations = compute.profile.operations - before
                    if index == 0 {
                        report.contractingOperationsShare =
                            (work.operationsAtMiddle - before)
                            / max(report.rows[0].operations, 1)
                    }
                } else {
                    report.rows[index].seconds.append(seconds)
                    if index == 0 { halves.append(work.secondsToMiddle / max(seconds, 1e-9)) }
                }
            }
        }
        halves.sort()
        report.contractingTimeShare =
            (halves[halves.count / 2] + halves[(halves.count - 1) / 2]) / 2
        let plain = report.rows[0]
        for index in report.rows.indices {
            let row = report.rows[index]
            report.rows[index].timeShare =
                row.medianSeconds / max(plain.medianSeconds, 1e-9) - 1
            report.rows[index].operationsShare =
                row.operations / max(plain.operations, 1) - 1
        }
        return report
    }
}

/// A UNet and ControlNets that stay in memory, with all that stays the same from step to step.
private final class ControlBenchmarkWork {
    /// A ControlNet with a random picture and the UNet's prompt.
    private struct Beside {
        let network: ControlNetModel
        let features: Tensor
        let conditioning: PreparedConditioning
    }

    private let unet: UNet2DConditionModel
    private let conditioning: PreparedConditioning
    private let latents: Tensor
    private let beside: [Beside]
    /// Since the UNet of the last step began, until its middle was done.
    private(set) var secondsToMiddle = 0.0
    /// All operations until then.
    private(set) var operationsAtMiddle = 0.0
    private var began = ContinuousClock.now

    init(
        _ options: EngineBenchmark.Options, _ networks: [ControlBenchmark.Network],
        _ compute: Compute
    ) throws {
        let parts = try BenchmarkNetworks(options.shape)
        unet = try parts.load(
            parts.unet, compute, residence: options.streams ? .streamed : .prepared)
        conditioning = try BenchmarkWork.conditioning(unet, options, compute)
        let (configuration, scale) = (unet.configuration, parts.vae.configuration.scale)
        latents = try BenchmarkWork.noise(
            [
                options.batch, configuration.inChannels, options.height / scale,
                options.width / scale,
            ], compute)
        beside = try networks.map { network in
            let found = try Self.open(network, for: configuration, scale: scale)
            let model: ControlNetModel = try parts.load(found, compute)
            let features = try model.features(
                of: try BenchmarkWork.noise([1, 3, options.height, options.width], compute))
            let branches = try BenchmarkWork.branches(
                model.configuration.encoder, options, compute
            ) { try model.project($0) }
            return Beside(
                network: model,
                features: try compute.concatenateEntries(
                    Array(repeating: features, count: options.batch)),
                conditioning: try model.prepare(branches))
        }
        unet.observe = { [unowned self] name, _ in
            guard name == "middle" else { return }
            secondsToMiddle = (ContinuousClock.now - began).inSeconds
            operationsAtMiddle = compute.profile.operations
        }
    }

    /// A step without (nil) or with one of the ControlNets.
    func step(_ index: Int?) throws {
        let residuals = try index.map { index in
            try beside[index].network(
                latents, features: beside[index].features, timestep: 501,
                conditioning: beside[index].conditioning, scale: 1)
        }
        began = .now
        _ = try unet(latents, timestep: 501, conditioning: conditioning, control: residuals)
    }

    private static func open(
        _ network: ControlBenchmark.Network, for unet: UNetConfiguration, scale: Int
    ) throws -> Checkpoint.Network<ControlNetConfiguration> {
        switch network {
        case .full: return .init(configuration: .sdxl, tensors: TensorIndex(source: ""))
        case .small: return .init(configuration: .smallSDXL, tensors: TensorIndex(source: ""))
        case .file(let url):
            guard case .net(let found) = try ControlNetFile.open(url) else {
                throw WeightsError.notAModel(
                    path: url.path, reason: "it is a T2I-Adapter, which runs once per picture")
            }
            if let misfit = found.configuration.misfit(with: unet, scale: scale) {
                throw WeightsError.notAModel(path: url.path, reason: misfit)
            }
            return found
        }
    }
}
