import Tensors

/// CLIP's picture encoder: a picture to a state per patch and one projected vector (Radford et al.
/// 2021, https://arxiv.org/abs/2103.00020).
///
/// Ports transformers' `CLIPVisionModelWithProjection`.
final class CLIPVisionEncoder: LoadableNetwork {
    let configuration: CLIPVisionConfiguration
    private let compute: Compute
    private let patches: LinearWeights
    private let begin: EmbeddingWeights
    private let positions: EmbeddingWeights
    private let normIn: NormWeights
    private let layers: [CLIPLayer]
    private let normOut: NormWeights
    private let projection: LinearWeights

    init(_ configuration: CLIPVisionConfiguration, _ weights: WeightsScope, compute: Compute) throws
    {
        self.configuration = configuration
        self.compute = compute
        let width = configuration.hiddenSize
        let embeddings = weights.at("embeddings")
        patches = try embeddings.patches("patch_embedding", configuration.patchSize, width)
        begin = try embeddings.table("class_embedding", [width])
        positions = try embeddings.embedding(
            "position_embedding", configuration.side * configuration.side + 1, width)
        // The reference's spelling.
        normIn = try weights.norm("pre_layrnorm", width)
        layers = try (0..<configuration.layers).map {
            try CLIPLayer(
                configuration.layerShape, weights.at("encoder.layers.\($0)"), compute: compute)
        }
        normOut = try weights.norm("post_layernorm", width)
        projection = try weights.linear(
            "visual_projection", width, configuration.projectionSize, bias: false)
    }

    static func isOptional(_ name: String) -> Bool { name.hasSuffix("position_ids") }

    /// The penultimate layer's states of a picture, `[1, patches + 1, hiddenSize]`.
    ///
    /// - Parameter picture: normalised colours, `[imageSize, imageSize, 3]`.
    func penultimateStates(_ picture: [Float]) throws -> Tensor {
        try states(picture, layers: layers.count - 1)
    }

    /// The projected vector of a picture, `[1, projectionSize]`.
    func vector(_ picture: [Float]) throws -> Tensor {
        let states = try states(picture, layers: layers.count)
        let rows = try states.reshaped([states.shape[1], states.shape[2]])
        let first = try compute.layerNorm(
            try rows.entries(0..<1), normOut, epsilon: configuration.normEpsilon)
        return try compute.linear(first, projection)
    }

    private func states(_ picture: [Float], layers count: Int) throws -> Tensor {
        let width = configuration.hiddenSize
        let rows = try compute.linear(try unfolded(picture), patches)
        var x = try compute.concatenateEntries([try compute.embeddingLookup([0], begin), rows])
        let places = Array(0...(configuration.side * configuration.side))
        x = try compute.add(x, try compute.embeddingLookup(places, positions))
        x = try compute.layerNorm(x, normIn, epsilon: configuration.normEpsilon)
        x = try x.reshaped([1, places.count, width])
        for layer in layers.prefix(count) { x = try layer(x) }
        return x
    }

    /// Patches as rows `[patches, 3 * patchSize * patchSize]`, channels first as their weights are
    /// stored.
    private func unfolded(_ picture: [Float]) throws -> Tensor {
        let (side, patch, size) = (
            configuration.side, configuration.patchSize, configuration.imageSize
        )
        var values: [Float] = []
        values.reserveCapacity(side * side * patch * patch * 3)
        for row in 0..<side {
            for column in 0..<side {
                for channel in 0..<3 {
                    for y in (row * patch)..<((row + 1) * patch) {
                        for x in (column * patch)..<((column + 1) * patch) {
                            values.append(picture[(y * size + x) * 3 + channel])
                        }
                    }
                }
            }
        }
        return try compute.tensor(from: values, [side * side, 3 * patch * patch])
    }
}

extension CLIPVisionConfiguration {
    /// What all layers share.
    var layerShape: CLIPLayer.Shape {
        .init(
            width: hiddenSize, intermediate: intermediateSize, heads: heads,
            activation: activation, epsilon: normEpsilon, isCausal: false)
    }
}
