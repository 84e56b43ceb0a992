/// The shape of a `CLIPVisionModelWithProjection`.
struct CLIPVisionConfiguration: Hashable, Sendable {
    /// Width of the states.
    var hiddenSize: Int
    /// Width inside each MLP.
    var intermediateSize: Int
    /// Transformer layers.
    var layers: Int
    /// Attention heads.
    var heads: Int
    /// Side of the square picture that it reads, in pixels.
    var imageSize: Int
    /// Side of a patch.
    var patchSize: Int
    /// MLP activation.
    var activation: CLIPTextConfiguration.Activation
    /// Epsilon of every layer normalisation.
    var normEpsilon: Float
    /// Width of the projected vector.
    var projectionSize: Int

    /// Reads `image_encoder/config.json`.
    ///
    /// - Throws: ``WeightsError`` for absurd numbers.
    init(_ file: ConfigurationFile) throws(WeightsError) {
        var file = file
        if case .object(let inner)? = file["vision_config"] {
            var members = inner
            if let projection = file["projection_dim"] { members["projection_dim"] = projection }
            file = ConfigurationFile(path: file.path, members: members)
        }
        hiddenSize = try file.integer("hidden_size", default: 768, in: 1...16384)
        intermediateSize = try file.integer("intermediate_size", default: 3072, in: 1...65536)
        layers = try file.integer("num_hidden_layers", default: 12, in: 1...256)
        heads = try file.integer("num_attention_heads", default: 12, in: 1...16384)
        imageSize = try file.integer("image_size", default: 224, in: 1...4096)
        patchSize = try file.integer("patch_size", default: 32, in: 1...1024)
        normEpsilon = Float(try file.number("layer_norm_eps", default: 1e-5, in: 0...1))
        projectionSize = try file.integer("projection_dim", default: 512, in: 1...16384)
        let name = try file.string("hidden_act") ?? "quick_gelu"
        guard let activation = CLIPTextConfiguration.Activation(rawValue: name) else {
            throw file.bad("hidden_act", "is of a kind that is not supported")
        }
        self.activation = activation
        guard hiddenSize % heads == 0 else {
            throw file.bad("num_attention_heads", "does not divide \(hiddenSize)")
        }
        guard patchSize <= imageSize else {
            throw file.bad("patch_size", "is larger than the picture")
        }
    }

    /// Patches along one side.
    var side: Int { imageSize / patchSize }
}
