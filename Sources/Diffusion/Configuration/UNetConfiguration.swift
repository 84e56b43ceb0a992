/// The shape of a `UNet2DConditionModel` as SDXL uses it: any widths, depths and head counts.
public struct UNetConfiguration: Hashable, Sendable {
    /// Transformer layers beside each ResNet block of a level; nil for a level without attention.
    public typealias TransformerDepths = [Int]

    /// One level of the down or up path.
    public struct Level: Hashable, Sendable {
        /// Channels of the level's output.
        public var channels: Int
        /// Number of ResNet blocks.
        public var layers: Int
        /// Layers of the transformer after each ResNet block, nil without attention.
        public var transformerDepths: TransformerDepths?
        /// Attention heads.
        public var heads: Int
    }

    /// The block between both paths.
    public enum Middle: Hashable, Sendable {
        /// Two ResNet blocks around a transformer of that depth (`UNetMidBlock2DCrossAttn`).
        case crossAttention(depth: Int)
        /// One ResNet block (`UNetMidBlock2D` as the UNet builds it).
        case plain
        /// None at all.
        case none
    }

    /// Channels of the noisy latents: 4; 9 for inpainting networks.
    public var inChannels = 4
    /// Channels of the prediction.
    public var outChannels = 4
    /// Side of the latents it was trained on.
    public var sampleSize = 128
    /// From the finest level to the coarsest.
    public var down: [Level]
    /// The middle block.
    public var middle: Middle
    /// From the coarsest level to the finest; one more layer per level than ``down``.
    public var up: [Level]
    /// Width of the text embeddings.
    public var contextWidth: Int
    /// Groups of every group normalisation.
    public var normGroups = 32
    /// Epsilon of the ResNet blocks' and the last group normalisation.
    public var normEpsilon: Float = 1e-5
    /// Whether `proj_in` and `proj_out` are linear layers rather than 1x1 convolutions.
    public var usesLinearProjection = true
    /// Width of the embedded timestep.
    public var timeEmbeddingWidth: Int
    /// Sinusoid width of each of the six size, crop and target numbers.
    public var additionTimeWidth: Int?
    /// Input of the added embedding: pooled text and the embedded numbers.
    public var additionInputWidth: Int?
    /// Width of the embedded guidance scale of distilled networks (LCM), nil without.
    public var guidanceEmbeddingWidth: Int?
    /// Whether sinusoids start with cosines.
    public var flipsSinToCos = true
    /// Shift of the sinusoids' frequencies.
    public var frequencyShift = 0
}

extension UNetConfiguration {
    static let widths = 1...16384
    static let maximumLevels = 8

    /// Reads `unet/config.json`, or that of a network with the same contracting half alone.
    ///
    /// - Throws: ``WeightsError`` for absurd numbers and architectures that are not built here.
    init(_ file: ConfigurationFile, hasUpPath: Bool = true) throws(WeightsError) {
        try Self.refuseOtherArchitectures(file)
        let downTypes = try file.strings("down_block_types", atMost: Self.maximumLevels)
        let upTypes =
            try hasUpPath ? file.strings("up_block_types", atMost: Self.maximumLevels) : []
        let count = downTypes.count
        guard upTypes.count == count || !hasUpPath else {
            throw file.bad("up_block_types", "must have as many names as down_block_types")
        }
        let channels = try file.integers("block_out_channels", count: count, in: Self.widths)
        let layers = try file.integers("layers_per_block", default: 2, count: count, in: 1...64)
        let heads = try file.integers(
            "attention_head_dim", default: 8, count: count, in: 1...Self.widths.upperBound)
        let depths = try TransformerDepthReader(file: file, layers: layers)
        down = []
        for (index, type) in downTypes.enumerated() {
            let crosses = try Self.hasAttention(type, "DownBlock2D", file, "down_block_types")
            down.append(
                Level(
                    channels: channels[index], layers: layers[index],
                    transformerDepths: crosses ? depths.down[index] : nil, heads: heads[index]))
        }
        up = []
        for (index, type) in upTypes.enumerated() {
            let level = count - 1 - index
            let crosses = try Self.hasAttention(type, "UpBlock2D", file, "up_block_types")
            up.append(
                Level(
                    channels: channels[level], layers: layers[level] + 1,
                    transformerDepths: crosses ? depths.up[index] : nil, heads: heads[level]))
        }
        middle = try Self.middle(file, depth: depths.middle)
        contextWidth = try file.integers(
            "cross_attention_dim", default: 1280, count: count, in: 1...65536)[0]
        timeEmbeddingWidth = try file.integer(
            "time_embedding_dim", default: channels[0] * 4, in: 1...65536)
        try readRest(file)
        try checkDivisibility(file)
    }

    private mutating func readRest(_ file: ConfigurationFile) throws(WeightsError) {
        inChannels = try file.integer("in_channels", default: 4, in: 1...64)
        outChannels = try file.integer("out_channels", default: 4, in: 1...64)
        sampleSize = try file.integers("sample_size", default: 128, count: 2, in: 1...4096)[0]
        normGroups = try file.integer("norm_num_groups", default: 32, in: 1...1024)
        normEpsilon = Float(try file.number("norm_eps", default: 1e-5, in: 0...1))
        usesLinearProjection = try file.bool("use_linear_projection", default: false)
        flipsSinToCos = try file.bool("flip_sin_to_cos", default: true)
        frequencyShift = try file.integer("freq_shift", default: 0, in: 0...1)
        if file["time_cond_proj_dim"] != nil {
            guidanceEmbeddingWidth = try file.integer("time_cond_proj_dim", in: 2...65536)
        }
        if try file.string("addition_embed_type") == "text_time" {
            additionTimeWidth = try file.integer("addition_time_embed_dim", in: 2...65536)
            additionInputWidth = try file.integer(
                "projection_class_embeddings_input_dim", in: 1...262144)
        }
    }

    private static func hasAttention(
        _ type: String, _ plain: String, _ file: ConfigurationFile, _ key: String
    ) throws(WeightsError) -> Bool {
        if type == plain { return false }
        if type == "CrossAttn" + plain { return true }
        throw file.bad(key, "names \"\(type)\", which is not supported")
    }

    private static func middle(
        _ file: ConfigurationFile, depth: Int
    ) throws(WeightsError) -> Middle {
        guard file.members["mid_block_type"] != .null else { return .none }
        switch try file.string("mid_block_type") ?? "UNetMidBlock2DCrossAttn" {
        case "UNetMidBlock2DCrossAttn": return .crossAttention(depth: depth)
        case "UNetMidBlock2D": return .plain
        default: throw file.bad("mid_block_type", "is of a kind that is not supported")
        }
    }

    /// Architectures that share the class name but not the network.
    private static func refuseOtherArchitectures(_ file: ConfigurationFile) throws(WeightsError) {
        try file.require("act_fn", isOneOf: [.string("silu"), .string("swish")])
        try file.require("addition_embed_type", isOneOf: [.string("text_time")])
        try file.require("resnet_time_scale_shift", isOneOf: [.string("default")])
        try file.require("time_embedding_type", isOneOf: [.string("positional")])
        for key in ["conv_in_kernel", "conv_out_kernel"] {
            try file.require(key, isOneOf: [.number(3)])
        }
        for key in [
            "class_embed_type", "encoder_hid_dim_type", "time_embedding_act_fn",
            "timestep_post_act", "cross_attention_norm", "num_class_embeds",
            "num_attention_heads", "encoder_hid_dim",
        ] {
            try file.require(key, isOneOf: [])
        }
        for key in [
            "center_input_sample", "dual_cross_attention", "resnet_skip_time_act",
            "class_embeddings_concat", "mid_block_only_cross_attention", "only_cross_attention",
        ] {
            try file.require(key, isOneOf: [.bool(false)])
        }
        for key in ["mid_block_scale_factor", "resnet_out_scale_factor", "downsample_padding"] {
            try file.require(key, isOneOf: [.number(1)])
        }
    }

    /// Groups and heads must divide the channels.
    private func checkDivisibility(_ file: ConfigurationFile) throws(WeightsError) {
        for level in down + up {
            guard level.channels % normGroups == 0 else {
                throw file.bad("norm_num_groups", "does not divide \(level.channels) channels")
            }
            guard level.transformerDepths == nil || level.channels % level.heads == 0 else {
                throw file.bad("attention_head_dim", "does not divide \(level.channels) channels")
            }
        }
    }
}
