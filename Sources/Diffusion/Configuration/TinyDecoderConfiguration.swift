/// The shape of an `AutoencoderTiny`'s decoder (TAESD).
public struct TinyDecoderConfiguration: Hashable, Sendable {
    /// Channels of the latents.
    public var latentChannels: Int
    /// Channels per level, from coarse to fine; all equal in published models.
    public var channels: [Int]
    /// Residual blocks per level, from coarse to fine.
    public var blocks: [Int]
    /// Factor between levels.
    public var upsampling: Int
    /// Factor on latents before decoding.
    public var scalingFactor: Float

    init(_ file: ConfigurationFile) throws(WeightsError) {
        try file.require("act_fn", isOneOf: [.string("relu")])
        try file.require("upsample_fn", isOneOf: [.string("nearest")])
        latentChannels = try file.integer("latent_channels", default: 4, in: 1...64)
        blocks = try file.integers(
            "num_decoder_blocks", count: Self.count(file, "num_decoder_blocks"), in: 1...64)
        channels = try file.integers(
            "decoder_block_out_channels", default: 64, count: blocks.count, in: 1...4096)
        upsampling = try file.integer("upsampling_scaling_factor", default: 2, in: 2...2)
        scalingFactor = Float(try file.number("scaling_factor", default: 1, in: 1e-6...1e6))
    }

    private static func count(_ file: ConfigurationFile, _ key: String) throws(WeightsError) -> Int
    {
        guard case .array(let values)? = file[key], (1...8).contains(values.count) else {
            throw file.bad(key, "must have one number per level")
        }
        return values.count
    }
}
