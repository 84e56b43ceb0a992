import Tensors

/// A CLIP text encoder: token ids to hidden states and, with a projection, a pooled vector.
final class CLIPTextEncoder {
    /// What a sequence was turned into.
    struct Output {
        /// `[sequences, length, hiddenSize]`, before the final normalisation unless it was asked
        /// for.
        let hidden: Tensor
        /// `[sequences, projectionSize]`, nil without a projection or when it was not wanted.
        let pooled: Tensor?
    }

    let configuration: CLIPTextConfiguration
    /// Vectors of textual inversions, for the token ids behind the table's and the tokenizer's.
    var addedVectors = AddedVectors()
    private let compute: Compute
    private let tokens: EmbeddingWeights
    private let positions: EmbeddingWeights
    private let layers: [CLIPLayer]
    private let finalNorm: NormWeights
    private let projection: LinearWeights?

    init(
        _ configuration: CLIPTextConfiguration, _ weights: WeightsScope, compute: Compute
    ) throws {
        self.configuration = configuration
        self.compute = compute
        let width = configuration.hiddenSize
        let embeddings = weights.at("embeddings")
        tokens = try embeddings.embedding("token_embedding", configuration.vocabularySize, width)
        positions = try embeddings.embedding(
            "position_embedding", configuration.maximumLength, width)
        layers = try (0..<configuration.layers).map {
            try CLIPLayer(
                configuration.layerShape, weights.at("encoder.layers.\($0)"), compute: compute)
        }
        finalNorm = try weights.norm("final_layer_norm", width)
        projection = try configuration.projectionSize.map {
            try weights.linear("text_projection", width, $0, bias: false)
        }
    }

    /// Encodes sequences of equal length.
    ///
    /// - Parameters:
    ///   - sequences: token ids, begin and end included, at most `maximumLength` each.
    ///   - skip: which state is returned: 1 the last layer's, 2 the penultimate, and so on.
    ///   - wantsPooled: whether the last layers run for the pooled vector.
    ///   - normalizes: whether the final normalisation applies to the returned state.
    func encode(
        _ sequences: [[Int]], skip: Int, wantsPooled: Bool, normalizes: Bool = false
    ) throws -> Output {
        let length = sequences.first?.count ?? 0
        var x = try embed(sequences, length: length)
        let wanted = max(0, layers.count + 1 - skip)
        var hidden = x
        for (number, layer) in layers.enumerated() {
            if number == wanted, !wantsPooled { break }
            x = try layer(x)
            if number + 1 == wanted { hidden = x }
        }
        if normalizes {
            hidden = try compute.layerNorm(hidden, finalNorm, epsilon: configuration.normEpsilon)
        }
        guard wantsPooled, let projection else { return Output(hidden: hidden, pooled: nil) }
        let normed = try compute.layerNorm(x, finalNorm, epsilon: configuration.normEpsilon)
        let rows = try normed.reshaped([sequences.count * length, configuration.hiddenSize])
        let ends = try sequences.enumerated().map { number, ids in
            let row = number * length + poolingPosition(ids)
            return try rows.entries(row..<(row + 1))
        }
        let pooled = try compute.linear(try compute.concatenateEntries(ends), projection)
        return Output(hidden: hidden, pooled: pooled)
    }

    private func embed(_ sequences: [[Int]], length: Int) throws -> Tensor {
        let words = try self.words(sequences.flatMap { $0 })
        let places = try compute.embeddingLookup(
            sequences.flatMap { _ in Array(0..<length) }, positions)
        return try compute.add(words, places)
            .reshaped([sequences.count, length, configuration.hiddenSize])
    }

    /// Rows of the token table, and of the added vectors for ids behind it.
    private func words(_ ids: [Int]) throws -> Tensor {
        guard ids.contains(where: { $0 >= addedVectors.firstID }) else {
            return try compute.embeddingLookup(ids, tokens)
        }
        let width = configuration.hiddenSize
        let table = try compute.embeddingLookup(
            ids.map { $0 < addedVectors.firstID ? $0 : 0 }, tokens)
        var values = try compute.floats(table)
        for (place, id) in ids.enumerated() where id >= addedVectors.firstID {
            let row = (id - addedVectors.firstID) * width
            values.replaceSubrange(
                (place * width)..<((place + 1) * width),
                with: addedVectors.values[row..<(row + width)])
        }
        return try compute.tensor(from: values, table.shape)
    }

    /// Configurations from before 2023 say 2 for the end token and mean the largest id; newer ones
    /// mean the first end token. They differ once tokens are added to the vocabulary.
    private func poolingPosition(_ ids: [Int]) -> Int {
        guard configuration.endOfTextToken != 2 else {
            let largest = ids.max() ?? 0
            return ids.firstIndex(of: largest) ?? 0
        }
        return ids.firstIndex(of: configuration.endOfTextToken) ?? 0
    }
}
