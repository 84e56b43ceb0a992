import Tensors

/// diffusers' `BasicTransformerBlock`: self-attention, cross-attention to the prompt, and a gated
/// feed-forward layer, each after a layer normalisation.
struct BasicTransformerBlock {
    /// Pixels from which on attention in int8 gains more than its rounding costs.
    private static let manyPixels = 512

    private let compute: Compute
    private let heads: Int
    private let isQuantized: Bool
    private let norm1: NormWeights
    private let selfQKV: LinearWeights
    private let selfOut: LinearWeights
    private let norm2: NormWeights
    private let crossQuery: LinearWeights
    private let crossKey: LinearWeights
    private let crossValue: LinearWeights
    private let crossOut: LinearWeights
    private let norm3: NormWeights
    private let gate: LinearWeights
    private let feedForwardOut: LinearWeights

    init(
        channels: Int, heads: Int, contextWidth: Int, _ weights: WeightsScope, compute: Compute
    ) throws {
        self.compute = compute
        self.heads = heads
        isQuantized = weights.isQuantized
        norm1 = try weights.norm("norm1", channels)
        let attn1 = weights.at("attn1")
        selfQKV = try attn1.fusedLinear(["to_q", "to_k", "to_v"], channels, channels, bias: false)
        selfOut = try attn1.linear("to_out.0", channels, channels)
        norm2 = try weights.norm("norm2", channels)
        let attn2 = weights.at("attn2")
        crossQuery = try attn2.linear("to_q", channels, channels, bias: false)
        // Once per prompt: neither rounding nor memory for the steps would gain anything.
        crossKey = try attn2.seldom.linear("to_k", contextWidth, channels, bias: false)
        crossValue = try attn2.seldom.linear("to_v", contextWidth, channels, bias: false)
        crossOut = try attn2.linear("to_out.0", channels, channels)
        norm3 = try weights.norm("norm3", channels)
        gate = try weights.gatedLinear("ff.net.0.proj", channels, 4 * channels)
        feedForwardOut = try weights.linear("ff.net.2", 4 * channels, channels)
    }

    /// `[N, pixels, channels]` to the same shape.
    func callAsFunction(_ input: Tensor, context: PromptProjection) throws -> Tensor {
        var x = input
        var h = try compute.linear(try compute.layerNorm(x, norm1), selfQKV)
        h = try compute.selfAttention(
            qkv: h, heads: heads, quantized: isQuantized && h.shape[1] >= Self.manyPixels)
        x = try compute.linear(h, selfOut, residual: x)
        let query = try compute.linear(try compute.layerNorm(x, norm2), crossQuery)
        h = try compute.attention(query, context.key, context.value, heads: heads)
        for picture in context.pictures {
            h = try picture.added(to: h, query: query, heads: heads, compute)
        }
        x = try compute.linear(h, crossOut, residual: x)
        h = try compute.linear(try compute.layerNorm(x, norm3), gate)
        return try compute.linear(h, feedForwardOut, residual: x)
    }

    /// This block's keys and values of a prompt `[1, tokens, contextWidth]`.
    func project(_ prompt: Tensor) throws -> PromptProjection {
        PromptProjection(
            key: try compute.linear(prompt, crossKey), value: try compute.linear(prompt, crossValue)
        )
    }
}

/// Keys and values of a prompt for one cross-attention, `[N, tokens, channels]` each. They depend
/// on the prompt alone, so they are computed once and not at every step.
struct PromptProjection {
    let key: Tensor
    let value: Tensor
    /// What pictures add to what the prompt says.
    var pictures: [PictureProjection] = []

    /// The projections of several runs side by side.
    static func sideBySide(
        _ projections: [PromptProjection], _ compute: Compute
    ) throws -> PromptProjection {
        guard let first = projections.first, projections.count > 1 else { return projections[0] }
        return PromptProjection(
            key: try compute.concatenateEntries(projections.map(\.key)),
            value: try compute.concatenateEntries(projections.map(\.value)),
            pictures: try first.pictures.indices.map { index in
                try PictureProjection.sideBySide(projections.map { $0.pictures[index] }, compute)
            })
    }
}

/// Walks through the prompt's projections in the order in which the network's blocks ask.
final class ContextReader {
    private let projections: [PromptProjection]
    private var position = 0

    init(_ projections: [PromptProjection]) {
        self.projections = projections
    }

    /// Passes over the projections of blocks that do not run.
    func skip(_ count: Int) { position += count }

    /// The next block's projection.
    func next() -> PromptProjection {
        defer { position += 1 }
        return projections[position]
    }
}
