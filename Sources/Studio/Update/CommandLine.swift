import Generation
import Prompting

/// The `latent generate` call that makes a picture again.
enum CommandLine {
    /// The command with every field that is not at its default, quoted for a POSIX shell.
    static func text(for request: GenerationRequest) -> String {
        // A prompt that looks like an option comes last, behind `--`.
        let isPlain = request.prompt.first != "-"
        var words = ["latent", "generate"] + (isPlain ? [quoted(request.prompt)] : [])
        let seeds = request.seeds.map { String($0) }.joined(separator: ",")
        if !seeds.isEmpty { words += ["--seed", seeds] }
        for field in RequestField.allCases where takesOneValue(field) && request.isGiven(field) {
            words += [field.option, quoted(request.value(of: field).description)]
        }
        words += draws(request)
        if request.backend != "local" { words += ["--backend", quoted(request.backend)] }
        // Those that tags of the prompt name come with it.
        let tagged = Set(LoRATag.tags(in: request.prompt).map(\.name))
        for lora in request.loras where !tagged.contains(lora.name) {
            words += ["--lora", quoted(lora.argument)]
        }
        for embedding in request.embeddings {
            words += ["--embedding", quoted("\(embedding.token)=\(embedding.path)")]
        }
        words += conditions(request)
        if !isPlain { words += ["--", quoted(request.prompt)] }
        return words.joined(separator: " ")
    }

    /// What was drawn otherwise than the first seed draws it.
    private static func draws(_ request: GenerationRequest) -> [String] {
        guard let draws = request.expansion?.draws else { return [] }
        var words: [String] = []
        if draws.seed != request.seeds.first { words += ["--draw-seed", "\(draws.seed)"] }
        let counts = draws.rerolls.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        if !counts.isEmpty {
            let text = counts.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
            words += ["--reroll", quoted(text)]
        }
        return words
    }

    /// Groups of options, in order, and fields that only one backend knows.
    private static func conditions(_ request: GenerationRequest) -> [String] {
        var words: [String] = []
        for control in request.controls {
            words += ["--control", quoted(control.model), "--control-image", quoted(control.image)]
            words += ["--control-scale", "\(control.scale)", "--control-end", "\(control.end)"]
            if control.start != 0 { words += ["--control-start", "\(control.start)"] }
            if let name = control.preprocessor { words += ["--control-preprocess", quoted(name)] }
        }
        for prompt in request.imagePrompts {
            words += ["--ip-adapter", quoted(prompt.model), "--ip-image", quoted(prompt.image)]
            words += ["--ip-scale", "\(prompt.scale)", "--ip-method", "\(prompt.method)"]
            if let mask = prompt.mask { words += ["--ip-mask", quoted(mask)] }
            if let word = prompt.word { words += ["--ip-word", quoted(word)] }
        }
        for (name, value) in request.extras.sorted(by: { $0.key < $1.key }) {
            words += ["--extra", quoted("\(name)=\(value)")]
        }
        return words
    }

    private static func takesOneValue(_ field: RequestField) -> Bool {
        switch field {
        case .version, .prompt, .backend, .expansion, .seeds, .loras, .embeddings, .controls,
            .imagePrompts, .extras:
            false
        default: true
        }
    }

    /// A word in single quotes where it needs them.
    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
                        || "-_./:=,@%+".unicodeScalars.contains($0))
            }
        if isPlain { return word }
        return "'"
            + word.split(separator: "'", omittingEmptySubsequences: false).joined(
                separator: "'\\''") + "'"
    }
}
