import ArgumentParser
import Generation
import Presets

/// Texts and how they are read.
struct PromptOptions: ParsableArguments {
    @Argument(help: "What the picture shows; - reads it from stdin.")
    var prompt: String?

    @Option(
        name: [.customShort("n"), .customLong("negative")], parsing: .unconditional,
        help: ArgumentHelp("What it must not show.", valueName: "text"))
    var negativePrompt: String?

    @Option(
        name: .customLong("prompt-2"), parsing: .unconditional,
        help: ArgumentHelp("Text for the second (bigG) encoder.", valueName: "text"))
    var prompt2: String?

    @Option(
        name: .customLong("negative-2"), parsing: .unconditional,
        help: ArgumentHelp("Negative text for the second encoder.", valueName: "text"))
    var negativePrompt2: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Arithmetic of (word:1.2): a1111, comfy, none.", valueName: "name"))
    var weighting: String?

    @Option(
        name: .customLong("clip-skip"), parsing: .unconditional,
        help: ArgumentHelp(
            "Encoder layer: 1 the last, 2 the penultimate (default).", valueName: "n"))
    var clipSkip: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A style of the presets, wrapped around the prompt.", valueName: "name"))
    var style: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Fills fields that are not given.", valueName: "name"))
    var preset: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Draws choices of the prompt again: all, or their numbers in --dry-run.",
            valueName: "all|n[,n...]"))
    var reroll: String?

    /// The draws that `--reroll` names.
    func reroll(_ reader: inout ArgumentReader) -> PromptExpander.Reroll? {
        guard let reroll else { return nil }
        if reroll.lowercased() == "all" { return .all }
        let parts = reroll.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count, numbers.allSatisfy({ $0 > 0 }) else {
            reader.problems.add("--reroll", reroll, "all, or numbers from 1 on are needed")
            return nil
        }
        return .numbers(numbers)
    }

    func apply(to request: inout GenerationRequest, _ reader: inout ArgumentReader) {
        if let negativePrompt { request.negativePrompt = negativePrompt }
        if let prompt2 { request.prompt2 = prompt2 }
        if let negativePrompt2 { request.negativePrompt2 = negativePrompt2 }
        if let style { request.style = style }
        // What was expanded from other texts does not fit any more.
        let texts = [prompt, negativePrompt, prompt2, negativePrompt2, style]
        if texts.contains(where: { $0 != nil }) { request.expansion = nil }
        if let name: PromptWeighting = reader.choice("--weighting", weighting) {
            request.promptWeighting = name
        }
        if let layer = reader.integer("--clip-skip", clipSkip) { request.clipSkip = layer }
    }
}
