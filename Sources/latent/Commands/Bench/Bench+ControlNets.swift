import Diffusion
import Foundation
import Generation

/// `latent bench --controlnet`: what ControlNets add to the time and to the operations of a step.
extension Bench {
    func measureControlNets(_ options: EngineBenchmark.Options, _ console: Console) async throws {
        var reader = ArgumentReader()
        if options.part != .unet {
            reader.problems.add(
                "--controlnet", controlnet[0], "only unet can be measured with ControlNets")
        }
        let networks = controlnet.compactMap { network($0, options, &reader) }
        try reader.problems.throwIfAny()
        let report = try await Interruption.cancelling(console: console) {
            try await ControlBenchmark.run(options, networks: networks)
        }
        if printsJSON { return console.printOut(try MachineOutput.line(report)) }
        for line in Self.lines(report) { console.printOut(line) }
    }

    private func network(
        _ name: String, _ options: EngineBenchmark.Options, _ reader: inout ArgumentReader
    ) -> ControlBenchmark.Network? {
        switch (options.shape, name) {
        case (.sdxl, "full"): return .full
        case (.sdxl, "small"): return .small
        case (.sdxl, _):
            reader.problems.add(
                "--controlnet", name,
                "full or small is needed beside weights made in memory; a file goes with --shape "
                    + "and its model")
            return nil
        case (.model, let path):
            InputFiles.checkExists("--controlnet", path: path, problems: &reader.problems)
            return .file(URL(fileURLWithPath: path))
        }
    }

    private static func lines(_ report: ControlBenchmark.Report) -> [String] {
        let head =
            "ControlNet \(report.width)x\(report.height) batch \(report.batch) "
            + report.precision.rawValue
        let own =
            "the UNet's own contracting half, which a full ControlNet copies, has "
            + "\(percent(report.contractingOperationsShare)) of the operations and "
            + "\(percent(report.contractingTimeShare)) of the time"
        return [head, own]
            + report.rows.map { row in
                let name = row.name.isEmpty ? "without" : printable(row.name)
                let steps = row.seconds.map { ProgressBar.decimal($0) }.joined(separator: ", ")
                let work = "\(name): step \(steps) s, \(Int((row.operations / 1e9).rounded())) Gop"
                guard !row.name.isEmpty else { return work }
                return work
                    + "; adds \(percent(row.operationsShare)) of the operations and "
                    + "\(percent(row.timeShare)) of the time"
            }
    }

    private static func percent(_ share: Double) -> String {
        "\((share * 1000).rounded() / 10) %"
    }
}
