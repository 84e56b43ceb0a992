import Tensors

/// One pre-norm transformer layer with causal attention.
struct CLIPLayer {
    private let compute: Compute
    private let heads: Int
    private let epsilon: Float
    private let activation: Activation
    private let norm1: NormWeights
    private let projectionQKV: LinearWeights
    private let projectionOut: LinearWeights
    private let norm2: NormWeights
    private let fc1: LinearWeights
    private let fc2: LinearWeights

    init(
        _ configuration: CLIPTextConfiguration, _ weights: WeightsScope, compute: Compute
    ) throws {
        let width = configuration.hiddenSize
        self.compute = compute
        heads = configuration.heads
        epsilon = configuration.normEpsilon
        activation = configuration.activation == .gelu ? .gelu : .quickGelu
        norm1 = try weights.norm("layer_norm1", width)
        let attention = weights.at("self_attn")
        projectionQKV = try attention.fusedLinear(
            ["q_proj", "k_proj", "v_proj"], width, width, bias: true)
        projectionOut = try attention.linear("out_proj", width, width)
        norm2 = try weights.norm("layer_norm2", width)
        fc1 = try weights.linear("mlp.fc1", width, configuration.intermediateSize)
        fc2 = try weights.linear("mlp.fc2", configuration.intermediateSize, width)
    }

    /// `[sequences, length, width]` to the same shape.
    func callAsFunction(_ input: Tensor) throws -> Tensor {
        var x = input
        let normed = try compute.layerNorm(x, norm1, epsilon: epsilon)
        let attended = try compute.selfAttention(
            qkv: try compute.linear(normed, projectionQKV), heads: heads, causal: true)
        x = try compute.linear(attended, projectionOut, residual: x)
        let inner = try compute.linear(
            try compute.layerNorm(x, norm2, epsilon: epsilon), fc1, activation: activation)
        return try compute.linear(inner, fc2, residual: x)
    }
}
