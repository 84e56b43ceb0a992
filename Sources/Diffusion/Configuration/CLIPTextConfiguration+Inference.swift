extension CLIPTextConfiguration {
    /// Reads the shape from canonical tensor names and shapes, with 64 channels a head.
    ///
    /// - Parameter activation: what the file's naming implies: OpenAI's encoder uses the quick
    ///   GELU, OpenCLIP's the exact one.
    static func infer(
        from index: TensorIndex, activation: Activation
    ) throws(WeightsError) -> CLIPTextConfiguration {
        guard let table = index.shape("embeddings.token_embedding.weight"), table.count == 2,
            let positions = index.shape("embeddings.position_embedding.weight"),
            let inner = index.shape("encoder.layers.0.mlp.fc1.weight"), inner.count == 2,
            positions.count == 2
        else {
            throw .notAModel(path: index.source, reason: "its text encoder's tensors are not there")
        }
        guard table[1] % 64 == 0 else {
            throw .notAModel(
                path: index.source,
                reason: "its text encoder is \(table[1]) wide, and without a configuration only "
                    + "multiples of 64 can be understood; use a diffusers folder")
        }
        return CLIPTextConfiguration(
            vocabularySize: table[0], hiddenSize: table[1], intermediateSize: inner[0],
            layers: index.count("encoder.layers."), heads: max(1, table[1] / 64),
            maximumLength: positions[0], activation: activation,
            projectionSize: index.shape("text_projection.weight")?.first,
            endOfTextToken: 49407)
    }
}
