/// The shape of an `AutoencoderKL`.
public struct VAEConfiguration: Hashable, Sendable {
    /// Channels of the picture.
    public var pictureChannels = 3
    /// Channels of the latents.
    public var latentChannels = 4
    /// Channels per level, from fine to coarse.
    public var channels: [Int]
    /// ResNet blocks per level of the encoder; the decoder has one more.
    public var layers = 2
    /// Groups of every group normalisation.
    public var normGroups = 32
    /// Whether the middle blocks have attention.
    public var hasMiddleAttention = true
    /// Whether a 1x1 convolution follows the encoder.
    public var hasQuantConvolution = true
    /// Whether a 1x1 convolution precedes the decoder.
    public var hasPostQuantConvolution = true
    /// Whether pictures are encoded in 32 bits whatever the run's precision, as diffusers' SDXL
    /// pipelines do unless a VAE was made for less.
    public var encodesExactly = true
    /// Latents are multiplied with it after encoding and divided by it before decoding.
    public var scalingFactor: Float = 0.13025
    /// Mean and deviation per latent channel; nil where the scaling factor says it all.
    public var latentStatistics: LatentStatistics?

    /// Per-channel normalisation of latents.
    public struct LatentStatistics: Hashable, Sendable {
        public var mean: [Float]
        public var deviation: [Float]
    }

    /// The scaling factor of Stable Diffusion 1 and 2, which no tensor tells.
    static let stableDiffusionScaling: Float = 0.18215

    /// Pixels per latent along one side.
    public var scale: Int { 1 << (channels.count - 1) }
}

extension VAEConfiguration {
    /// Reads `vae/config.json`.
    init(_ file: ConfigurationFile) throws(WeightsError) {
        try file.require("act_fn", isOneOf: [.string("silu"), .string("swish")])
        let down = try file.strings("down_block_types", atMost: 8)
        guard down.allSatisfy({ $0 == "DownEncoderBlock2D" }) else {
            throw file.bad("down_block_types", "names a block that is not supported")
        }
        let up = try file.strings("up_block_types", atMost: 8)
        guard up.allSatisfy({ $0 == "UpDecoderBlock2D" }), up.count == down.count else {
            throw file.bad("up_block_types", "names a block that is not supported")
        }
        channels = try file.integers("block_out_channels", count: down.count, in: 1...8192)
        layers = try file.integer("layers_per_block", default: 1, in: 1...64)
        pictureChannels = try file.integer("in_channels", default: 3, in: 3...3)
        _ = try file.integer("out_channels", default: 3, in: 3...3)
        latentChannels = try file.integer("latent_channels", default: 4, in: 1...64)
        normGroups = try file.integer("norm_num_groups", default: 32, in: 1...1024)
        hasMiddleAttention = try file.bool("mid_block_add_attention", default: true)
        encodesExactly = try file.bool("force_upcast", default: true)
        hasQuantConvolution = try file.bool("use_quant_conv", default: true)
        hasPostQuantConvolution = try file.bool("use_post_quant_conv", default: true)
        scalingFactor = Float(
            try file.number("scaling_factor", default: 0.18215, in: 1e-6...1e6))
        if let mean = try file.numbers("latents_mean", count: latentChannels),
            let deviation = try file.numbers("latents_std", count: latentChannels)
        {
            latentStatistics = LatentStatistics(
                mean: mean.map { Float($0) }, deviation: deviation.map { Float($0) })
        }
        for width in channels where width % normGroups != 0 {
            throw file.bad("norm_num_groups", "does not divide \(width) channels")
        }
    }
}
