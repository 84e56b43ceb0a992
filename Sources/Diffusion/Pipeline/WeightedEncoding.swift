import Generation
import Tensors

/// Runs one encoder over a prompt's chunks and applies the weights of its tokens.
struct WeightedEncoding {
    let encoder: CLIPTextEncoder
    let tokenizer: CLIPTokenizer
    let compute: Compute
    let text: PromptText

    /// States of all chunks one after another, `[1, length * chunks, width]`, and the first chunk's
    /// pooled vector.
    func encode(
        _ chunks: [PromptChunk], wantsPooled: Bool
    ) throws -> (hidden: Tensor, pooled: [Float]) {
        try check(chunks)
        var sequences = chunks.map(\.ids)
        let isWeighted = chunks.contains { $0.isWeighted } && text.weighting != .none
        let needsEmpty = isWeighted && text.weighting == .comfy
        if needsEmpty { sequences.append(tokenizer.paddedIDs("")) }
        let output = try encoder.encode(sequences, skip: text.skip, wantsPooled: wantsPooled)
        var hidden = output.hidden
        if needsEmpty { hidden = try hidden.entries(0..<chunks.count) }
        if isWeighted {
            let empty =
                try needsEmpty
                ? compute.floats(output.hidden.entries(chunks.count..<(chunks.count + 1))) : []
            hidden = try emphasise(hidden, chunks, empty: empty)
        }
        let length = hidden.shape[1]
        hidden = try hidden.reshaped([1, chunks.count * length, hidden.channels])
        let pooled = try output.pooled.map { try compute.floats(try $0.entries(0..<1)) } ?? []
        return (hidden, pooled)
    }

    /// Applies the weights chunk by chunk, in f32.
    private func emphasise(
        _ hidden: Tensor, _ chunks: [PromptChunk], empty: [Float]
    ) throws -> Tensor {
        let (length, width) = (hidden.shape[1], hidden.shape[2])
        let all = try compute.floats(hidden)
        var result: [Float] = []
        result.reserveCapacity(all.count)
        for (number, chunk) in chunks.enumerated() {
            var states = Array(all[(number * length * width)..<((number + 1) * length * width)])
            switch text.weighting {
            case .a1111: PromptWeightingArithmetic.applyA1111(chunk.weights, to: &states)
            case .comfy:
                PromptWeightingArithmetic.applyComfy(chunk.weights, to: &states, empty: empty)
            case .none: break
            }
            result += states
        }
        return try compute.tensor(from: result, hidden.shape)
    }

    /// A tokenizer of another model would index past the embedding table.
    private func check(_ chunks: [PromptChunk]) throws(EngineError) {
        let vocabulary = encoder.configuration.vocabularySize
        for chunk in chunks {
            if let id = chunk.ids.first(where: { $0 < 0 || $0 >= vocabulary }) {
                throw .unknownToken(id: id, vocabulary: vocabulary)
            }
        }
    }
}
