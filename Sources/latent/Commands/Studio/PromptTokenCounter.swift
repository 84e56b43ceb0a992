import Diffusion
import Foundation
import Generation
import Studio
import StudioRuntime

/// Counts tokens with CLIP's own tokenizer, which SDXL's two encoders share.
actor PromptTokenCounter: TokenCounter {
    private var chunker: PromptChunker?
    /// Textual inversions by word, each as long as it has vectors.
    private let embeddings: [String: URL]

    init(embeddings: [String: URL]) {
        self.embeddings = embeddings
    }

    func count(_ text: String) -> PromptField.Tokens {
        guard let chunker = chunker ?? load() else { return PromptField.Tokens(count: 0) }
        self.chunker = chunker
        let count = chunker.count(text)
        return PromptField.Tokens(
            count: count.tokens, chunks: count.chunks,
            boundaries: Self.characters(in: text, at: count.boundaries.map(\.offset)))
    }

    /// Reads the tokenizer with the first count rather than at the start.
    private func load() -> PromptChunker? {
        (try? CLIPTokenizer.clip(padding: .endOfText)).map {
            PromptChunker(tokenizer: $0.adding(embeddings: embeddings), weighting: .a1111)
        }
    }

    /// The characters at which UTF-8 offsets lie.
    private static func characters(in text: String, at offsets: [Int]) -> [Int] {
        var remaining = offsets.sorted()[...]
        var found: [Int] = []
        var bytes = 0
        for (index, character) in text.enumerated() {
            while let next = remaining.first, bytes >= next {
                found.append(index)
                remaining.removeFirst()
            }
            if remaining.isEmpty { break }
            bytes += character.utf8.count
        }
        return found
    }
}
