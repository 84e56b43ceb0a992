/// One sequence for a text encoder: begin, tokens, end, padding, with a weight for each.
public struct PromptChunk: Hashable, Sendable {
    /// Token ids, as many as the encoder reads (77 for CLIP).
    public var ids: [Int]
    /// Weight of each token; 1 for begin, end and padding.
    public var weights: [Float]
    /// Source bytes (UTF-8 offsets in the prompt) of each token of the text, which start at index 1.
    public var sources: [Range<Int>]
    /// Whether `BREAK` ended the chunk before this one.
    public var followsBreak = false

    /// Tokens of the text in this chunk, without begin, end and padding.
    public var textTokenCount: Int { sources.count }
    /// Whether any weight differs from 1.
    public var isWeighted: Bool { weights.contains { $0 != 1 } }
}
