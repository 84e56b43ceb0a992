import Foundation

extension CLIPTokenizer {
    /// The tokenizer with the words of textual inversions, for counting: each takes as many tokens
    /// as it has vectors. Files that cannot be read are left out.
    ///
    /// - Parameter embeddings: files by word.
    public func adding(embeddings: [String: URL]) -> CLIPTokenizer {
        var next = vocabularySize
        var tokens: [AddedToken] = []
        for (word, url) in embeddings.sorted(by: { $0.key < $1.key }) {
            guard let file = try? SafetensorsFile(path: url.path),
                let count = file.entries.values.map({ $0.shape.count > 1 ? $0.shape[0] : 1 }).max(),
                (1...TextualInversion.maximumCount).contains(count)
            else { continue }
            tokens += AddedToken.words(word, id: next, count: count)
            next += count
        }
        return tokens.isEmpty ? self : adding(tokens)
    }
}
