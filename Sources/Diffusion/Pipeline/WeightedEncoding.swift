import Generation
import Tensors

/// Runs one encoder over a prompt's chunks and applies the weights of its tokens.
struct WeightedEncoding {
    let encoder: CLIPTextEncoder
    let chunker: PromptChunker
    let compute: Compute
    /// Which hidden state is read, 1 the last.
    let skip: Int
    /// Whether the encoder's final normalisation applies to it.
    var normalizes = false

    /// States of all chunks one after another, `[1, length * chunks, width]`, and the first chunk's
    /// pooled vector.
    func encode(
        _ chunks: [PromptChunk], wantsPooled: Bool
    ) throws -> (hidden: Tensor, pooled: [Float]) {
        var sequences = chunks.map(\.ids)
        let isWeighted = chunker.weighting != .none && chunks.contains { $0.isWeighted }
        let needsEmpty = isWeighted && chunker.weighting == .comfy
        if needsEmpty { sequences.append(chunker.emptyChunk.ids) }
        try check(sequences)
        let output = try encoder.encode(
            sequences, skip: skip, wantsPooled: wantsPooled, normalizes: normalizes)
        var hidden = output.hidden
        if isWeighted { hidden = try emphasise(hidden, chunks) }
        let length = hidden.shape[1]
        hidden = try hidden.reshaped([1, chunks.count * length, hidden.channels])
        let pooled = try output.pooled.map { try compute.floats(try $0.entries(0..<1)) } ?? []
        return (hidden, pooled)
    }

    /// Applies the weights chunk by chunk, in f32. ComfyUI's arithmetic reads the empty prompt's
    /// states, which follow those of the chunks.
    private func emphasise(_ hidden: Tensor, _ chunks: [PromptChunk]) throws -> Tensor {
        let size = hidden.shape[1] * hidden.shape[2]
        let all = try compute.floats(hidden)
        var result: [Float] = []
        result.reserveCapacity(chunks.count * size)
        for (number, chunk) in chunks.enumerated() {
            var states = Array(all[(number * size)..<((number + 1) * size)])
            if chunker.weighting == .comfy {
                PromptWeightingArithmetic.applyComfy(
                    chunk.weights, to: &states, empty: Array(all.suffix(size)))
            } else {
                PromptWeightingArithmetic.applyA1111(chunk.weights, to: &states)
            }
            result += states
        }
        return try compute.tensor(
            from: result, [chunks.count, hidden.shape[1], hidden.shape[2]])
    }

    /// A tokenizer of another model would index past the embedding tables.
    private func check(_ sequences: [[Int]]) throws(EngineError) {
        let configuration = encoder.configuration
        for ids in sequences {
            guard ids.count <= configuration.maximumLength else {
                throw .sequenceTooLong(length: ids.count, maximum: configuration.maximumLength)
            }
            let vocabulary = configuration.vocabularySize
            let added = encoder.addedVectors
            let isAdded = { (id: Int) in id >= added.firstID && id - added.firstID < added.count }
            if let id = ids.first(where: { ($0 < 0 || $0 >= vocabulary) && !isAdded($0) }) {
                throw .unknownToken(id: id, vocabulary: vocabulary)
            }
        }
    }
}
