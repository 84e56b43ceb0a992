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
            "Draws choices of the prompt again: all, their numbers in --dry-run, or how often each "
                + "as a record says.",
            valueName: "all|n[,n...]|place=n[,...]"))
    var reroll: String?

    @Option(
        name: .customLong("draw-seed"), parsing: .unconditional,
        help: ArgumentHelp(
            "Seed of the prompt's choices and wildcards; default: the first seed.", valueName: "n"))
    var drawSeed: String?

    /// The seed that `--draw-seed` names.
    func drawSeed(_ reader: inout ArgumentReader) -> UInt64? {
        guard let drawSeed else { return nil }
        if let seed = UInt64(drawSeed) { return seed }
        reader.problems.add(
            "--draw-seed", drawSeed, "a whole number from 0 to \(UInt64.max) is needed")
        return nil
    }

    /// The draws that `--reroll` names.
    func reroll(_ reader: inout ArgumentReader) -> PromptExpander.Reroll? {
        guard let reroll else { return nil }
        if reroll.lowercased() == "all" { return .all }
        let parts = reroll.split(separator: ",", omittingEmptySubsequences: false)
        if let counts = Self.counts(parts) { return .recorded(counts) }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count, numbers.allSatisfy({ $0 > 0 }) else {
            reader.problems.add("--reroll", reroll, "all, or numbers from 1 on are needed")
            return nil
        }
        return .numbers(numbers)
    }

    /// `place=n` parts: how often each draw was made again; nil where one is none.
    private static func counts(_ parts: [Substring]) -> [String: Int]? {
        var counts: [String: Int] = [:]
        for part in parts {
            guard let equals = part.lastIndex(of: "="),
                let count = Int(part[part.index(after: equals)...]), count > 0, count <= 1_000_000
            else { return nil }
            counts[String(part[..<equals])] = count
        }
        return counts
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
