import ArgumentParser
import Diffusion
import Foundation
import Generation
import Tensors

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
        help: ArgumentHelp(
            "f32, bf16 or int8 (default bf16 where the CPU has it).", valueName: "name"))
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

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "plain, avx2, avx512 or avx512-bf16 (default: the best there is).",
            valueName: "name"))
    var cpu: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Time torch or openvino in turn with Latent and print the ratio.", valueName: "name"))
    var compare: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The Python that has the library to compare with (default python3).",
            valueName: "program"))
    var python: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Time steps of --shape's model without and with a LoRA in turn, and the change between "
                + "them; repeatable.",
            valueName: "path"))
    var lora: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Time steps without and with a ControlNet in turn: full or small, or a file for "
                + "--shape's model; repeatable.",
            valueName: "full|small|path"))
    var controlnet: [String] = []

    @Flag(name: .customLong("json"), help: "One JSON object on stdout.")
    var printsJSON = false

    func run() async throws {
        let options = try options()
        let console = Console()
        if let comparison = try comparison(options) { return try comparison.run() }
        if !lora.isEmpty { return try await measureLoRAs(options, console) }
        if !controlnet.isEmpty { return try await measureControlNets(options, console) }
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
        if let name: Generation.Precision = reader.choice("--precision", precision) {
            options.precision = name
        }
        let memory: ExecutionOptions.Memory? = reader.choice("--memory", memory)
        options.level = level(&reader)
        options.streams = memory == .streamed
        if options.streams, options.shape == .sdxl {
            reader.problems.add("--memory", "streamed", "weights made in memory cannot be streamed")
        }
        try reader.problems.throwIfAny()
        return options
    }

    private func level(_ reader: inout ArgumentReader) -> InstructionLevel {
        guard let cpu else { return .preferred }
        guard let level = InstructionLevel(name: cpu) else {
            let names = InstructionLevel.allCases.map(\.name).joined(separator: ", ")
            reader.problems.add("--cpu", cpu, "choose \(names)")
            return .preferred
        }
        if level > .best { reader.problems.add("--cpu", cpu, "this CPU lacks the instructions") }
        return level
    }

    /// The comparison that is asked for.
    private func comparison(_ options: EngineBenchmark.Options) throws -> BenchComparison? {
        var reader = ArgumentReader()
        guard let compare else {
            if let python {
                reader.problems.add("--python", python, "only with --compare")
                try reader.problems.throwIfAny()
            }
            return nil
        }
        let library: BenchComparison.Library? = reader.choice("--compare", compare)
        if options.part != .unet, options.part != .vae {
            reader.problems.add("--compare", compare, "only unet and vae can be compared")
        }
        if options.shape != .sdxl {
            reader.problems.add("--compare", compare, "only --shape sdxl can be compared")
        }
        if options.precision == .int8 {
            reader.problems.add("--compare", compare, "only f32 and bf16 can be compared")
        }
        if printsJSON { reader.problems.add("--compare", compare, "prints no JSON") }
        try reader.problems.throwIfAny()
        guard let library else { return nil }
        return BenchComparison(library: library, python: python ?? "python3", options: options)
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
                + report.precision.rawValue + ", \(report.kernels)",
            "seconds     \(times); mean \(ProgressBar.decimal(mean))",
            "memory      \(ByteCount.text(report.peakMemoryBytes)) at most, "
                + "\(ByteCount.text(report.activationBytes)) of it activations",
            "peak        \(Int(report.peakGflops.rounded())) GFLOP/s, a product in the caches",
        ]
            + report.operations.map { row($0.kind, $0.seconds, $0.gflops, $0.shareOfPeak) }
            + report.blocks.map { row($0.name, $0.seconds, $0.gflops, $0.shareOfPeak) }
    }

    private static func row(
        _ name: String, _ seconds: Double, _ rate: Double, _ share: Double
    ) -> String {
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return name.padding(toLength: 12, withPad: " ", startingAt: 0)
            + right(ProgressBar.decimal(seconds), 8) + " s"
            + right("\(Int(rate.rounded()))", 8) + " GFLOP/s"
            + right("\(Int((share * 100).rounded()))", 5) + " % of the peak"
    }
}
