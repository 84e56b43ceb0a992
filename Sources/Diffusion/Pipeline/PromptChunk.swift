import Generation

/// One sequence for a text encoder with a weight per token.
struct PromptChunk: Hashable {
    /// Begin, tokens, end, padding: as long as the encoder reads.
    var ids: [Int]
    /// One per id; 1 leaves a token as it is.
    var weights: [Float]

    /// A sequence without weights.
    init(ids: [Int]) {
        self.ids = ids
        weights = Array(repeating: 1, count: ids.count)
    }

    /// Whether any token is emphasised.
    var isWeighted: Bool { weights.contains { $0 != 1 } }

    /// The sequence of an empty prompt.
    static func empty(_ tokenizer: CLIPTokenizer) -> PromptChunk {
        PromptChunk(ids: tokenizer.paddedIDs(""))
    }

    /// The sequences of a prompt.
    static func chunks(
        _ text: String, _ weighting: PromptWeighting, _ tokenizer: CLIPTokenizer
    ) throws -> [PromptChunk] {
        [PromptChunk(ids: tokenizer.paddedIDs(text))]
    }
}
