import Diffusion
import Foundation
import Generation

/// `latent bench --lora`: what LoRAs cost a step, and what the change from one to another costs.
extension Bench {
    func measureLoRAs(_ options: EngineBenchmark.Options, _ console: Console) async throws {
        var reader = ArgumentReader()
        if options.part != .unet {
            reader.problems.add("--lora", lora[0], "only unet can be measured with LoRAs")
        }
        if options.shape == .sdxl {
            reader.problems.add(
                "--lora", lora[0],
                "weights made in memory take no LoRA; name a model with --shape")
        }
        let files = lora.map { path in
            InputFiles.checkExists("--lora", path: path, problems: &reader.problems)
            return URL(fileURLWithPath: path)
        }
        try reader.problems.throwIfAny()
        let report = try await Interruption.cancelling(console: console) {
            try await AdapterBenchmark.run(options, loras: files)
        }
        if printsJSON { return console.printOut(try MachineOutput.line(report)) }
        for line in Self.lines(report) { console.printOut(line) }
    }

    private static func lines(_ report: AdapterBenchmark.Report) -> [String] {
        let plain = report.rows[0].medianSeconds
        let weights = report.isStreamed ? "streamed" : "resident"
        let head =
            "LoRA \(report.width)x\(report.height) batch \(report.batch) "
            + "\(report.precision.rawValue), \(weights)"
        return [head]
            + report.rows.map { row in
                let name = row.name.isEmpty ? "without" : printable(row.name)
                let steps = row.seconds.map { ProgressBar.decimal($0) }.joined(separator: ", ")
                let changes = row.switching.map { ProgressBar.decimal($0) }.joined(separator: ", ")
                let ratio = (row.medianSeconds / max(plain, 1e-9) * 1000).rounded() / 1000
                return "\(name): step \(steps) s, \(ratio) of a step without; change \(changes) s"
            }
    }
}
