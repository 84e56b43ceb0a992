import Foundation
import Generation

extension GenerationRequest {
    /// The request with every known textual inversion whose name stands in a prompt among
    /// ``embeddings``: as a word of its own, as in A1111, or after `embedding:`, as in ComfyUI.
    ///
    /// - Parameter known: files by name.
    public func namingEmbeddings(_ known: [String: URL]) -> GenerationRequest {
        let texts = [effectivePrompt, effectiveNegativePrompt, prompt2, negativePrompt2]
            .compactMap { $0?.lowercased() }
        var request = self
        let given = Set(embeddings.map { $0.token.lowercased() })
        for (name, url) in known.sorted(by: { $0.key < $1.key }) {
            guard !given.contains(name.lowercased()),
                texts.contains(where: { Self.word(name.lowercased(), in: $0) })
            else { continue }
            request.embeddings.append(EmbeddingReference(token: name, path: url.path))
        }
        return request
    }

    /// Whether `word` stands in `text` with no letter or digit touching it.
    private static func word(_ word: String, in text: String) -> Bool {
        guard !word.isEmpty else { return false }
        var start = text.startIndex
        while let range = text.range(of: word, range: start..<text.endIndex) {
            let before =
                range.lowerBound > text.startIndex
                ? text[text.index(before: range.lowerBound)] : " "
            let after = range.upperBound < text.endIndex ? text[range.upperBound] : " "
            func touches(_ character: Character) -> Bool {
                character.isLetter || character.isNumber || character == "_"
            }
            if !touches(before), !touches(after) { return true }
            start = range.upperBound
        }
        return false
    }
}
