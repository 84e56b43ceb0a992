/// The shape of a CLIP text encoder (`CLIPTextModel`, `CLIPTextModelWithProjection`).
public struct CLIPTextConfiguration: Hashable, Sendable {
    /// The activation inside each layer's MLP.
    public enum Activation: String, Hashable, Sendable {
        /// x * sigmoid(1.702 x), as OpenAI's encoder has it.
        case quickGELU = "quick_gelu"
        /// The exact (erf) GELU, as OpenCLIP's encoders have it.
        case gelu
    }

    /// Rows of the token table.
    public var vocabularySize: Int
    /// Width of the embeddings.
    public var hiddenSize: Int
    /// Width inside each MLP.
    public var intermediateSize: Int
    /// Transformer layers.
    public var layers: Int
    /// Attention heads.
    public var heads: Int
    /// Longest sequence, 77.
    public var maximumLength = 77
    /// MLP activation.
    public var activation: Activation
    /// Epsilon of every layer normalisation.
    public var normEpsilon: Float = 1e-5
    /// Width of the pooled output, nil without a projection.
    public var projectionSize: Int?
    /// Id of the end-of-text token as the configuration says it; 2 means "take the largest id",
    /// which old configurations rely on.
    public var endOfTextToken: Int = 2
}

extension CLIPTextConfiguration {
    /// Reads `text_encoder/config.json`; `hasProjection` says whether the file has the matrix.
    init(_ file: ConfigurationFile, hasProjection: Bool) throws(WeightsError) {
        var file = file
        if case .object(let inner)? = file["text_config"] {
            // A whole CLIP's configuration keeps the text part inside.
            file = ConfigurationFile(path: file.path, members: inner)
        }
        vocabularySize = try file.integer("vocab_size", default: 49408, in: 2...4_000_000)
        hiddenSize = try file.integer("hidden_size", default: 512, in: 1...16384)
        intermediateSize = try file.integer("intermediate_size", default: 2048, in: 1...65536)
        layers = try file.integer("num_hidden_layers", default: 12, in: 1...256)
        heads = try file.integer("num_attention_heads", default: 8, in: 1...16384)
        maximumLength = try file.integer("max_position_embeddings", default: 77, in: 3...8192)
        normEpsilon = Float(try file.number("layer_norm_eps", default: 1e-5, in: 0...1))
        endOfTextToken = try file.integer("eos_token_id", default: 49407, in: 0...4_000_000)
        let name = try file.string("hidden_act") ?? Activation.quickGELU.rawValue
        guard let activation = Activation(rawValue: name) else {
            throw file.bad("hidden_act", "is of a kind that is not supported")
        }
        self.activation = activation
        if hasProjection {
            projectionSize = try file.integer("projection_dim", default: 512, in: 1...16384)
        }
        guard hiddenSize % heads == 0 else {
            throw file.bad("num_attention_heads", "does not divide \(hiddenSize)")
        }
    }
}
