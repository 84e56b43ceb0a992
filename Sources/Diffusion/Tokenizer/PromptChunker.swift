import Generation
import Prompting

/// Cuts a prompt of any length into the sequences that a text encoder reads.
///
/// - `a1111`: chunks of 75 tokens; a chunk that would end inside a phrase ends at a comma instead,
///   if one is among its last 20 tokens; `BREAK` ends a chunk (modules/sd_hijack_clip.py).
/// - `comfy`: chunks of 75 tokens; a stretch of equal weight with fewer than 8 tokens is not cut
///   (comfy/sd1_clip.py).
/// - `none`: brackets are text and what does not fit is cut, as diffusers does.
public struct PromptChunker: Sendable {
    /// Ids and lengths.
    public let tokenizer: CLIPTokenizer
    /// Syntax of weights and rule of cutting.
    public let weighting: PromptWeighting

    /// Tokens that A1111 looks back for a comma.
    private static let commaBacktrack = 20
    /// Tokens from which ComfyUI cuts a stretch instead of moving it to the next chunk.
    private static let largeStretch = 8

    /// A chunker for one encoder.
    public init(tokenizer: CLIPTokenizer, weighting: PromptWeighting) {
        self.tokenizer = tokenizer
        self.weighting = weighting
    }

    /// The chunks of `prompt`, at least one.
    public func chunks(of prompt: String) -> [PromptChunk] {
        switch weighting {
        case .a1111: commaChunks(A1111Attention.parse(prompt))
        case .comfy: stretchChunks(ComfyAttention.parse(prompt))
        case .none: [truncatedChunk(of: prompt)]
        }
    }

    /// A chunk of the empty text, which fills up the shorter of two lists of chunks.
    public var emptyChunk: PromptChunk { closed([], followsBreak: false) }

    /// Makes lists of chunks equally long, as one embedding needs them of both encoders and of the
    /// prompt and its negative.
    public func padded(_ chunks: [PromptChunk], to count: Int) -> [PromptChunk] {
        chunks + [PromptChunk](repeating: emptyChunk, count: max(0, count - chunks.count))
    }

    /// Tokens of text per chunk, 75 for CLIP.
    public var chunkLength: Int { max(1, tokenizer.configuration.maximumLength - 2) }

    private struct WeightedToken {
        var id: Int
        var weight: Float
        var source: Range<Int>
        var together: Int
    }

    private func tokens(of stretch: WeightedText) -> [WeightedToken] {
        tokenizer.tokens(of: stretch.text).map {
            WeightedToken(
                id: $0.id, weight: Float(stretch.weight), source: stretch.source(of: $0.range),
                together: $0.together)
        }
    }

    private func closed(_ tokens: [WeightedToken], followsBreak: Bool) -> PromptChunk {
        let configuration = tokenizer.configuration
        let padding = max(0, chunkLength - tokens.count)
        return PromptChunk(
            ids: [configuration.beginID] + tokens.map(\.id) + [configuration.endID]
                + [Int](repeating: configuration.padID, count: padding),
            weights: [1] + tokens.map(\.weight) + [Float](repeating: 1, count: padding + 1),
            sources: tokens.map(\.source), followsBreak: followsBreak)
    }

    private func truncatedChunk(of prompt: String) -> PromptChunk {
        let whole = WeightedText(
            text: prompt, weight: 1,
            spans: [.init(textOffset: 0, source: 0..<prompt.utf8.count)])
        return closed(Array(tokens(of: whole).prefix(chunkLength)), followsBreak: false)
    }

    private func commaChunks(_ stretches: [WeightedText]) -> [PromptChunk] {
        var chunks: [PromptChunk] = []
        var current: [WeightedToken] = []
        /// Index of the last comma in the current chunk.
        var lastComma: Int?
        var followsBreak = false

        func close() {
            chunks.append(closed(current, followsBreak: followsBreak))
            current = []
            lastComma = nil
            followsBreak = false
        }
        for stretch in stretches {
            if stretch.isBreak {
                close()
                followsBreak = true
                continue
            }
            for token in tokens(of: stretch) {
                if token.id == tokenizer.commaID {
                    lastComma = current.count
                } else if current.count == chunkLength, let comma = lastComma,
                    current.count - comma <= Self.commaBacktrack
                {
                    let moved = Array(current[(comma + 1)...])
                    current.removeSubrange((comma + 1)...)
                    close()
                    current = moved
                }
                if current.count + min(token.together, chunkLength) > chunkLength { close() }
                current.append(token)
            }
        }
        if !current.isEmpty || chunks.isEmpty { close() }
        return chunks
    }

    /// ComfyUI cuts a stretch before and after a textual inversion.
    private func groups(_ tokens: [WeightedToken]) -> [ArraySlice<WeightedToken>] {
        var result: [ArraySlice<WeightedToken>] = []
        var start = 0
        for (index, token) in tokens.enumerated() where token.together > 1 {
            if index > start { result.append(tokens[start..<index]) }
            let end = min(index + token.together, tokens.count)
            result.append(tokens[index..<end])
            start = end
        }
        if start < tokens.count || tokens.isEmpty { result.append(tokens[start...]) }
        return result
    }

    private func stretchChunks(_ stretches: [WeightedText]) -> [PromptChunk] {
        var chunks: [PromptChunk] = []
        var current: [WeightedToken] = []
        for group in stretches.flatMap({ groups(tokens(of: $0)) }) {
            var rest = group
            let isLarge = rest.count >= Self.largeStretch || rest.count > chunkLength
            while rest.count + current.count > chunkLength {
                if isLarge {
                    let room = chunkLength - current.count
                    current += rest.prefix(room)
                    rest = rest.dropFirst(room)
                }
                chunks.append(closed(current, followsBreak: false))
                current = []
            }
            current += rest
        }
        chunks.append(closed(current, followsBreak: false))
        return chunks
    }
}
