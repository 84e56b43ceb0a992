import Tensors

/// The autoencoder's self-attention over all pixels, with one head.
struct VAEAttention {
    private let compute: Compute
    private let groups: Int
    private let norm: NormWeights
    private let projectionQKV: LinearWeights
    private let projectionOut: LinearWeights

    init(channels: Int, groups: Int, _ weights: WeightsScope, compute: Compute) throws {
        self.compute = compute
        self.groups = groups
        norm = try weights.norm("group_norm", channels)
        projectionQKV = try weights.fusedLinear(
            ["to_q", "to_k", "to_v"], channels, channels, bias: true)
        projectionOut = try weights.linear("to_out.0", channels, channels)
    }

    /// `[N, H, W, channels]` to the same shape.
    func callAsFunction(_ x: Tensor) throws -> Tensor {
        let sequence = [x.shape[0], x.shape[1] * x.shape[2], x.shape[3]]
        let normed = try compute.groupNorm(x, norm, groups: groups, epsilon: 1e-6)
        let qkv = try compute.linear(try normed.reshaped(sequence), projectionQKV)
        let attended = try compute.selfAttention(qkv: qkv, heads: 1)
        return try compute.linear(attended, projectionOut, residual: try x.reshaped(sequence))
            .reshaped(x.shape)
    }
}
