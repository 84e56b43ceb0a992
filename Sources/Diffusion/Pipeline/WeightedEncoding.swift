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
            let states = all[(number * length * width)..<((number + 1) * length * width)]
            switch text.weighting {
            case .a1111: result += Self.scaled(Array(states), chunk.weights, width: width)
            case .comfy:
                result += Self.interpolated(
                    Array(states), from: empty, chunk.weights, width: width)
            case .none: result += states
            }
        }
        return try compute.tensor(from: result, hidden.shape)
    }

    /// A1111: scales each token's embedding, then restores the mean of the whole.
    static func scaled(_ states: [Float], _ weights: [Float], width: Int) -> [Float] {
        guard weights.contains(where: { $0 != 1 }) else { return states }
        var scaled = states
        for index in scaled.indices { scaled[index] *= weights[index / width] }
        let (before, after) = (mean(states), mean(scaled))
        let factor = Float(before / after)
        guard factor.isFinite else { return scaled }
        return scaled.map { $0 * factor }
    }

    /// ComfyUI: interpolates each token from the empty prompt's embedding.
    static func interpolated(
        _ states: [Float], from empty: [Float], _ weights: [Float], width: Int
    ) -> [Float] {
        var result = states
        for index in result.indices {
            let weight = weights[index / width]
            if weight != 1 {
                result[index] = (states[index] - empty[index]) * weight + empty[index]
            }
        }
        return result
    }

    private static func mean(_ values: [Float]) -> Double {
        values.reduce(0.0) { $0 + Double($1) } / Double(max(values.count, 1))
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
