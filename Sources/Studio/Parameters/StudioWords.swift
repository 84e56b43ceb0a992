import Generation

extension String {
    /// The sentence with the labels of parameters in place of options of the command line: `needs --mask`
    /// becomes `needs Mask`.
    public var inStudioWords: String {
        guard contains("--") else { return self }
        return split(separator: " ", omittingEmptySubsequences: false).map { word in
            let option = word.prefix { $0 == "-" || $0.isLetter || $0.isNumber }
            guard option.hasPrefix("--"), let label = Self.labels[String(option)] else {
                return String(word)
            }
            return label + word.dropFirst(option.count)
        }.joined(separator: " ")
    }

    private static let labels = Dictionary(
        RequestField.allCases.filter { $0.option.hasPrefix("--") }.map { ($0.option, $0.label) }
    ) { first, _ in first }
}

extension GenerationRequest {
    /// The field whose file a sentence speaks of; nil when it names none of them.
    func field(spokenOfIn sentence: String) -> RequestField? {
        let named: [(RequestField, [String?])] = [
            (.vae, [vae]), (.refiner, [refiner]), (.safetyChecker, [safetyChecker]),
            (.loras, loras.map(\.name)), (.embeddings, embeddings.map(\.path)),
            (.controls, controls.flatMap { [$0.model, $0.image] }),
            (.imagePrompts, imagePrompts.flatMap { [$0.model, $0.image, $0.mask] }),
            (.initImage, [initImage]), (.maskImage, [maskImage]), (.model, [model]),
        ]
        return named.first { _, names in
            names.contains { name in
                guard let last = name?.split(separator: "/").last else { return false }
                return sentence.speaks(of: last)
            }
        }?.0
    }
}

extension String {
    /// Whether a name stands in the sentence as a word or as the end of a path.
    fileprivate func speaks(of name: Substring) -> Bool {
        let words = split { " ,;:()\"".contains($0) }.compactMap { $0.split(separator: "/").last }
        return words.contains { $0 == name || $0.hasPrefix(name + ".safetensors") }
    }
}
