import Tensors

/// Turns what the picture encoder says into tokens beside those of the prompt, `[1, n, width]`.
protocol PictureTokens {
    /// Whether it reads a state per patch; otherwise the one projected vector.
    static var readsStates: Bool { get }
    func callAsFunction(_ features: Tensor) throws -> Tensor
}

/// The plain adapter's projection: one vector to a few tokens, normalised.
struct VectorTokens: PictureTokens {
    static let readsStates = false
    private let compute: Compute
    private let projection: LinearWeights
    private let norm: NormWeights
    private let count: Int
    private let width: Int

    init(
        inputs: Int, count: Int, width: Int, _ weights: WeightsScope, compute: Compute
    ) throws {
        self.compute = compute
        (self.count, self.width) = (count, width)
        projection = try weights.linear("proj", inputs, count * width)
        norm = try weights.norm("norm", width)
    }

    /// `[1, inputs]` to `[1, count, width]`.
    func callAsFunction(_ features: Tensor) throws -> Tensor {
        let tokens = try compute.linear(features, projection).reshaped([1, count, width])
        return try compute.layerNorm(tokens, norm)
    }
}

/// The "plus" adapter's resampler: learnt queries that read every patch, layer after layer
/// (the Perceiver of Flamingo, https://arxiv.org/abs/2204.14198).
struct ResampledTokens: PictureTokens {
    static let readsStates = true

    /// Widths as the stored weights say them.
    struct Shape: Hashable, Sendable {
        let inputs: Int
        let hidden: Int
        let queries: Int
        let inner: Int
        let feedForward: Int
        let layers: Int
        let width: Int
    }

    private struct Layer {
        let normFeatures: NormWeights
        let normQueries: NormWeights
        let query: LinearWeights
        let keyValue: LinearWeights
        let out: LinearWeights
        let normFeedForward: NormWeights
        let feedForwardIn: LinearWeights
        let feedForwardOut: LinearWeights
    }

    private let shape: Shape
    private let compute: Compute
    private let latents: EmbeddingWeights
    private let projectionIn: LinearWeights
    private let layers: [Layer]
    private let projectionOut: LinearWeights
    private let normOut: NormWeights

    init(_ shape: Shape, _ weights: WeightsScope, compute: Compute) throws {
        self.shape = shape
        self.compute = compute
        latents = try weights.table("latents", [1, shape.queries, shape.hidden])
        projectionIn = try weights.linear("proj_in", shape.inputs, shape.hidden)
        layers = try (0..<shape.layers).map { number in
            let attention = weights.at("layers.\(number).0")
            let feedForward = weights.at("layers.\(number).1")
            return Layer(
                normFeatures: try attention.norm("norm1", shape.hidden),
                normQueries: try attention.norm("norm2", shape.hidden),
                query: try attention.linear("to_q", shape.hidden, shape.inner, bias: false),
                keyValue: try attention.linear("to_kv", shape.hidden, 2 * shape.inner, bias: false),
                out: try attention.linear("to_out", shape.inner, shape.hidden, bias: false),
                normFeedForward: try feedForward.norm("0", shape.hidden),
                feedForwardIn: try feedForward.linear(
                    "1", shape.hidden, shape.feedForward, bias: false),
                feedForwardOut: try feedForward.linear(
                    "3", shape.feedForward, shape.hidden, bias: false))
        }
        projectionOut = try weights.linear("proj_out", shape.hidden, shape.width)
        normOut = try weights.norm("norm_out", shape.width)
    }

    /// `[1, patches + 1, inputs]` to `[1, queries, width]`.
    func callAsFunction(_ features: Tensor) throws -> Tensor {
        let x = try compute.linear(features, projectionIn)
        var queries = try compute.embeddingLookup(Array(0..<shape.queries), latents)
            .reshaped([1, shape.queries, shape.hidden])
        for layer in layers {
            let read = try compute.layerNorm(x, layer.normFeatures)
            let asking = try compute.layerNorm(queries, layer.normQueries)
            // Queries read the patches and each other.
            let rows = try compute.concatenateEntries([
                try read.reshaped([read.shape[1], shape.hidden]),
                try asking.reshaped([shape.queries, shape.hidden]),
            ]).reshaped([1, read.shape[1] + shape.queries, shape.hidden])
            let both = try compute.linear(rows, layer.keyValue)
            let attended = try compute.attention(
                try compute.linear(asking, layer.query),
                try compute.channels(0..<shape.inner, of: both),
                try compute.channels(shape.inner..<(2 * shape.inner), of: both),
                heads: shape.inner / 64)
            queries = try compute.linear(attended, layer.out, residual: queries)
            let inner = try compute.linear(
                try compute.layerNorm(queries, layer.normFeedForward), layer.feedForwardIn,
                activation: .gelu)
            queries = try compute.linear(inner, layer.feedForwardOut, residual: queries)
        }
        return try compute.layerNorm(try compute.linear(queries, projectionOut), normOut)
    }
}
