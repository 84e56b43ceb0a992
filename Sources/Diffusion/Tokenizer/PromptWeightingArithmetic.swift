import Generation

/// What the weights of a chunk do to its embeddings.
public enum PromptWeightingArithmetic {
    /// A1111: every token's embedding is multiplied by its weight, then the whole is scaled so that
    /// its mean is what it was (`EmphasisOriginal` in modules/sd_emphasis.py).
    ///
    /// - Parameters:
    ///   - embeddings: `[tokens, width]`, row by row; changed in place.
    ///   - weights: one per token.
    ///
    /// A mean of zero, which leaves no scale, keeps the multiplied values.
    public static func applyA1111(_ weights: [Float], to embeddings: inout [Float]) {
        guard weights.contains(where: { $0 != 1 }), !weights.isEmpty else { return }
        let before = mean(embeddings)
        let width = embeddings.count / weights.count
        for (token, weight) in weights.enumerated() where weight != 1 {
            for index in (token * width)..<((token + 1) * width) { embeddings[index] *= weight }
        }
        let after = mean(embeddings)
        let scale = Float(before / after)
        guard scale.isFinite else { return }
        for index in embeddings.indices { embeddings[index] *= scale }
    }

    /// ComfyUI: every token's embedding moves away from that of the empty prompt at the same place,
    /// `empty + (embedding - empty) * weight`.
    ///
    /// - Parameters:
    ///   - embeddings: `[tokens, width]`, row by row; changed in place.
    ///   - empty: the same shape, from a chunk without text.
    ///   - weights: one per token.
    public static func applyComfy(
        _ weights: [Float], to embeddings: inout [Float], empty: [Float]
    ) {
        guard !weights.isEmpty, empty.count == embeddings.count else { return }
        let width = embeddings.count / weights.count
        for (token, weight) in weights.enumerated() where weight != 1 {
            for index in (token * width)..<((token + 1) * width) {
                embeddings[index] = (embeddings[index] - empty[index]) * weight + empty[index]
            }
        }
    }

    private static func mean(_ values: [Float]) -> Double {
        values.reduce(0.0) { $0 + Double($1) } / Double(max(1, values.count))
    }
}
