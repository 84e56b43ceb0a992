import Generation

/// The `latent generate` call that makes a picture again.
enum CommandLine {
    /// The command with every field that is not at its default, quoted for a POSIX shell.
    static func text(for request: GenerationRequest) -> String {
        var words = ["latent", "generate", quoted(request.prompt)]
        let seeds = request.seeds.map { String($0) }.joined(separator: ",")
        if !seeds.isEmpty { words += ["--seed", seeds] }
        for field in RequestField.allCases where takesOneValue(field) && request.isGiven(field) {
            words += [field.option, quoted(request.value(of: field).description)]
        }
        if request.backend != "local" { words += ["--backend", quoted(request.backend)] }
        for lora in request.loras { words += ["--lora", quoted("\(lora.name):\(lora.weight)")] }
        for embedding in request.embeddings {
            words += ["--embedding", quoted("\(embedding.token)=\(embedding.path)")]
        }
        return words.joined(separator: " ")
    }

    private static func takesOneValue(_ field: RequestField) -> Bool {
        switch field {
        case .version, .prompt, .backend, .expansion, .seeds, .loras, .embeddings, .controls,
            .imagePrompts:
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
