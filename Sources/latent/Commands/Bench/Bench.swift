import ArgumentParser
import Diffusion
import Foundation
import Generation

/// `latent bench`: the engine's speed with weights made in memory.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the engine; no download is needed.",
        discussion: """
            sdxl measures random weights of SDXL's shape, embedded the model that ships with the \
            program. --batch 2 is a step with guidance.
            """)

    @Argument(help: "unet (default), vae, text or run.")
    var part: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Whose shape (default sdxl).", valueName: "sdxl|embedded|path"))
    var shape: String?

    @Option(
        name: [.customShort("W"), .customLong("width")], parsing: .unconditional,
        help: ArgumentHelp("Pixels (default 1024).", valueName: "n"))
    var width: String?

    @Option(
        name: [.customShort("H"), .customLong("height")], parsing: .unconditional,
        help: ArgumentHelp("Pixels (default 1024).", valueName: "n"))
    var height: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("f32 or bf16; default: the fastest.", valueName: "name"))
    var precision: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Pictures side by side (default 2).", valueName: "n"))
    var batch: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Measured repetitions (default 3).", valueName: "n"))
    var `repeat`: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Default: one per core.", valueName: "n"))
    var threads: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("auto, resident or streamed weights.", valueName: "mode"))
    var memory: String?

    @Flag(name: .customLong("json"), help: "One JSON object on stdout.")
    var printsJSON = false

    func run() async throws {
        let options = try options()
        let console = Console()
        let report = try await Interruption.cancelling(console: console) {
            try await EngineBenchmark.run(options)
        }
        if printsJSON { return console.printOut(try MachineOutput.line(report)) }
        for line in Self.lines(report) { console.printOut(line) }
    }

    /// The measurement that is asked for.
    ///
    /// - Throws: ``InvalidArguments`` with all problems.
    func options() throws -> EngineBenchmark.Options {
        var reader = ArgumentReader()
        let part: EngineBenchmark.Part? = reader.choice("WHAT", part)
        var options = EngineBenchmark.Options(part: part ?? .unet, shape: shape(&reader))
        options.width = size("--width", width, &reader) ?? options.width
        options.height = size("--height", height, &reader) ?? options.height
        options.batch = reader.integer("--batch", batch, in: 1...64) ?? options.batch
        options.repeats = reader.integer("--repeat", `repeat`, in: 1...1000) ?? options.repeats
        options.threads = reader.integer("--threads", threads, in: 1...1024)
        if let name: Precision = reader.choice("--precision", precision) {
            if name == .int8 {
                reader.problems.add("--precision", "int8", "is not measured yet")
            }
            options.precision = name
        }
        let memory: ExecutionOptions.Memory? = reader.choice("--memory", memory)
        if memory == .streamed {
            reader.problems.add("--memory", "streamed", "weights made in memory cannot be streamed")
        }
        try reader.problems.throwIfAny()
        return options
    }

    private func size(
        _ option: String, _ text: String?, _ reader: inout ArgumentReader
    ) -> Int? {
        guard let number = reader.integer(option, text, in: 64...8192) else { return nil }
        if number % 8 != 0 { reader.problems.add(option, "\(number)", "a multiple of 8 is needed") }
        return number
    }

    private func shape(_ reader: inout ArgumentReader) -> EngineBenchmark.Shape {
        switch shape {
        case nil, "sdxl": return .sdxl
        case "embedded":
            if let url = LocalBackend.embeddedModel { return .model(url) }
            reader.problems.add("--shape", "embedded", "the embedded model was not found")
            return .sdxl
        case let path?:
            InputFiles.checkExists("--shape", path: path, problems: &reader.problems)
            return .model(URL(fileURLWithPath: path))
        }
    }

    private static func lines(_ report: EngineBenchmark.Report) -> [String] {
        let mean = report.seconds.reduce(0, +) / Double(max(1, report.seconds.count))
        let times = report.seconds.map { ProgressBar.decimal($0) }.joined(separator: ", ")
        return [
            "\(report.what.rawValue) \(report.width)x\(report.height) batch \(report.batch) "
                + report.precision.rawValue,
            "seconds   \(times); mean \(ProgressBar.decimal(mean))",
            "memory    \(ByteCount.text(report.peakMemoryBytes)) at most",
        ]
            + report.operations.map { operation in
                let name = operation.kind.padding(toLength: 16, withPad: " ", startingAt: 0)
                return "\(name)\(ProgressBar.decimal(operation.seconds)) s  "
                    + "\(Int(operation.gflops.rounded())) GFLOP/s"
            }
    }
}
