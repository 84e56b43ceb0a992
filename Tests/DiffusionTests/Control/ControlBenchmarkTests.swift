import Foundation
import Generation
import Tensors
import Testing

@testable import Diffusion

@Suite("Cost of ControlNets")
struct ControlBenchmarkTests {
    private static func options(_ shape: EngineBenchmark.Shape) -> EngineBenchmark.Options {
        var options = EngineBenchmark.Options(part: .unet, shape: shape)
        (options.width, options.height, options.repeats) = (64, 64, 2)
        options.precision = .f32
        return options
    }

    @Test("every network is timed and counted beside the same step without it")
    func rows() async throws {
        let model = TinyModels.folder("three-levels")
        let networks = ["full", "small"].map {
            ControlBenchmark.Network.file(
                ControlNetParityTests.folder.appendingPathComponent("three-levels-\($0)"))
        }
        let report = try await ControlBenchmark.run(
            Self.options(.model(model)), networks: networks)
        #expect(report.rows.map(\.name) == ["", "three-levels-full", "three-levels-small"])
        #expect(report.rows.allSatisfy { $0.seconds.count == 2 && $0.medianSeconds > 0 })
        let shares = report.rows.map(\.operationsShare)
        #expect(shares[0] == 0)
        // A contracting half is less than the whole, and less still without attention.
        #expect(shares[1] < 1 && shares[2] < shares[1] && shares[2] > 0)
        // The UNet's own contracting half lacks only the layers that read a picture and join.
        #expect(abs(report.contractingOperationsShare - shares[1]) < 0.1)
        #expect(report.contractingTimeShare > 0 && report.contractingTimeShare < 1)
    }

    @Test("SDXL's ControlNets have the sizes of those that are published")
    func sizes() throws {
        for (configuration, millions) in [
            (ControlNetConfiguration.sdxl, 1251), (.smallSDXL, 160),
        ] {
            let compute = try Compute(ComputeOptions(threads: 1))
            let reader = WeightsReader(.count, compute: compute)
            _ = try ControlNetModel(configuration, reader.scope(), compute: compute)
            #expect(reader.parameterCount / 1_000_000 == millions)
        }
    }
}
