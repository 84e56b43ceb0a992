import Generation

/// How many tokens a prompt has for one encoder, and where its chunks begin in the text.
public struct TokenCount: Hashable, Sendable {
    /// A place in the prompt where another chunk of 75 tokens begins.
    public struct Boundary: Hashable, Sendable {
        /// UTF-8 offset in the prompt.
        public var offset: Int
        /// Whether `BREAK` asked for it.
        public var isBreak: Bool
    }

    /// Tokens of the text, without begin, end and padding.
    public var tokens: Int
    /// Chunks that they fill; at least 1.
    public var chunks: Int
    /// Tokens of text that one chunk takes, 75 for CLIP.
    public var chunkLength: Int
    /// Beginnings of the second and later chunks.
    public var boundaries: [Boundary]
    /// UTF-8 offset from which the text is cut off; only without weighting.
    public var truncatedFrom: Int?
}

extension PromptChunker {
    /// Counts the tokens of a prompt, for an editor that shows them while it is typed.
    public func count(_ prompt: String) -> TokenCount {
        guard weighting != .none else { return countTruncated(prompt) }
        let chunks = chunks(of: prompt)
        let boundaries = chunks.dropFirst().compactMap { chunk in
            chunk.sources.first.map {
                TokenCount.Boundary(offset: $0.lowerBound, isBreak: chunk.followsBreak)
            }
        }
        return TokenCount(
            tokens: chunks.reduce(0) { $0 + $1.textTokenCount }, chunks: chunks.count,
            chunkLength: chunkLength, boundaries: boundaries, truncatedFrom: nil)
    }

    private func countTruncated(_ prompt: String) -> TokenCount {
        let tokens = tokenizer.tokens(of: prompt)
        let cut = tokens.count > chunkLength ? tokens[chunkLength].range.lowerBound : nil
        return TokenCount(
            tokens: tokens.count, chunks: 1, chunkLength: chunkLength, boundaries: [],
            truncatedFrom: cut)
    }
}
