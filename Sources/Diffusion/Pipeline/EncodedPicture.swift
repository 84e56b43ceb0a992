import Generation

/// The initial picture as latents, with what a mask needs.
struct EncodedPicture {
    /// What the VAE sees in the picture.
    let picture: LatentDistribution
    /// 1 where it is repainted, `[height, width]` of the latents; nil: everywhere.
    let mask: [Float]?
    /// The picture with the masked part gray, for inpainting networks.
    let masked: LatentDistribution?
    /// Whether there is an initial picture at all: an inpainting network without one paints all.
    let isGiven: Bool

    private init(
        picture: LatentDistribution, mask: [Float]?, masked: LatentDistribution?, isGiven: Bool
    ) {
        self.picture = picture
        self.mask = mask
        self.masked = masked
        self.isGiven = isGiven
    }

    /// - Parameter readsMask: whether the network reads the masked picture.
    init(_ prepared: PreparedPicture, _ pipeline: SDXLPipeline, readsMask: Bool) throws {
        let picture = prepared.picture
        let colors = picture.rgb.map { Float($0) / 255 * 2 - 1 }
        let scale = pipeline.checkpoint.vae.configuration.scale
        let pixelMask =
            prepared.mask
            ?? (readsMask ? [Float](repeating: 1, count: picture.width * picture.height) : nil)
        mask = pixelMask.map {
            LatentMask.shrunk($0, width: picture.width, scale: scale)
        }
        self.picture = try pipeline.encode(colors, width: picture.width, height: picture.height)
        guard readsMask, let pixelMask else {
            masked = nil
            isGiven = true
            return
        }
        masked = try Self.masked(picture, pixelMask, pipeline)
        isGiven = true
    }

    /// What the VAE sees in a picture whose masked part is gray.
    ///
    /// - Parameter mask: 1 where it is gray, a value per pixel.
    static func masked(
        _ picture: PixelImage, _ mask: [Float], _ pipeline: SDXLPipeline
    ) throws -> LatentDistribution {
        var hidden = picture.rgb.map { Float($0) / 255 * 2 - 1 }
        for (pixel, value) in mask.enumerated() where value >= 0.5 {
            for channel in 0..<3 { hidden[pixel * 3 + channel] = 0 }
        }
        return try pipeline.encode(hidden, width: picture.width, height: picture.height)
    }

    /// What an inpainting network is told when there is no picture: a gray one, all to be painted.
    static func blank(_ shape: [Int], _ pipeline: SDXLPipeline) throws -> EncodedPicture {
        let scale = pipeline.checkpoint.vae.configuration.scale
        let (width, height) = (shape[2] * scale, shape[1] * scale)
        let gray = try pipeline.encode(
            [Float](repeating: 0, count: width * height * 3), width: width, height: height)
        return EncodedPicture(
            picture: gray, mask: [Float](repeating: 1, count: shape[1] * shape[2]), masked: gray,
            isGiven: false)
    }
}
