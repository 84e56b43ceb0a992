import Tensors

/// One pre-norm transformer layer of a text or picture encoder.
struct CLIPLayer {
    /// What all layers of an encoder share.
    struct Shape {
        let width: Int
        let intermediate: Int
        let heads: Int
        let activation: CLIPTextConfiguration.Activation
        let epsilon: Float
        /// Whether a state sees only those before it, as in text.
        let isCausal: Bool
    }

    private let compute: Compute
    private let shape: Shape
    private let activation: Activation
    private let norm1: NormWeights
    private let projectionQKV: LinearWeights
    private let projectionOut: LinearWeights
    private let norm2: NormWeights
    private let fc1: LinearWeights
    private let fc2: LinearWeights

    init(_ shape: Shape, _ weights: WeightsScope, compute: Compute) throws {
        let width = shape.width
        self.compute = compute
        self.shape = shape
        activation = shape.activation == .gelu ? .gelu : .quickGelu
        norm1 = try weights.norm("layer_norm1", width)
        let attention = weights.at("self_attn")
        projectionQKV = try attention.fusedLinear(
            ["q_proj", "k_proj", "v_proj"], width, width, bias: true)
        projectionOut = try attention.linear("out_proj", width, width)
        norm2 = try weights.norm("layer_norm2", width)
        fc1 = try weights.linear("mlp.fc1", width, shape.intermediate)
        fc2 = try weights.linear("mlp.fc2", shape.intermediate, width)
    }

    /// `[sequences, length, width]` to the same shape.
    func callAsFunction(_ input: Tensor) throws -> Tensor {
        var x = input
        let normed = try compute.layerNorm(x, norm1, epsilon: shape.epsilon)
        let attended = try compute.selfAttention(
            qkv: try compute.linear(normed, projectionQKV), heads: shape.heads,
            causal: shape.isCausal)
        x = try compute.linear(attended, projectionOut, residual: x)
        let inner = try compute.linear(
            try compute.layerNorm(x, norm2, epsilon: shape.epsilon), fc1, activation: activation)
        return try compute.linear(inner, fc2, residual: x)
    }
}

extension CLIPTextConfiguration {
    /// What all layers share.
    var layerShape: CLIPLayer.Shape {
        .init(
            width: hiddenSize, intermediate: intermediateSize, heads: heads,
            activation: activation, epsilon: normEpsilon, isCausal: true)
    }
}
