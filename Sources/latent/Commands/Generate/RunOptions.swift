import ArgumentParser
import Foundation
import Generation

/// How it runs, as far as that does not change the picture.
struct RunOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Threads of the engine; default: one per core.", valueName: "n"))
    var threads: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("auto, resident or streamed weights.", valueName: "mode"))
    var memory: String?

    @Option(
        name: .customLong("init-noise"), parsing: .unconditional,
        help: ArgumentHelp(
            "Tensor `latents` of a safetensors file replaces the drawn noise.", valueName: "file"))
    var initialNoise: String?

    @Option(
        name: .customLong("latents-out"), parsing: .unconditional,
        help: ArgumentHelp("Writes the final latents.", valueName: "file"))
    var latentsOutput: String?

    @Flag(
        name: .customLong("allow-unsupported"),
        help: "Drop what the backend cannot do, with a warning.")
    var allowsUnsupported = false

    @Flag(name: .customLong("no-wait"), help: "Leave after submitting to a remote backend.")
    var leavesAfterSubmitting = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Asks a remote backend to call back.", valueName: "url"))
    var webhook: String?

    func options(_ reader: inout ArgumentReader) -> ExecutionOptions {
        let threads = reader.integer("--threads", threads, in: 1...1024)
        let memory = reader.memory(memory)
        if let webhook, !webhook.isLink || URL(string: webhook)?.host?.isEmpty != false {
            reader.problems.add("--webhook", webhook, "an address like https://host is needed")
        }
        var options = ExecutionOptions(
            threads: threads, memory: memory, initialNoisePath: initialNoise,
            latentsOutputPath: latentsOutput)
        options.remote.webhook = webhook
        options.remote.leavesWhenAccepted = leavesAfterSubmitting
        return options
    }
}
