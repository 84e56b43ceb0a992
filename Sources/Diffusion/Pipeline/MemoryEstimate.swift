import Tensors

/// How much memory a run takes, known before any weight is read.
struct MemoryEstimate {
    /// Bytes of both text encoders' prepared weights.
    let textEncoders: Int
    /// Bytes of the UNet's prepared weights.
    let unet: Int
    /// Bytes of the VAE decoder's prepared weights.
    let vae: Int

    private let checkpoint: Checkpoint
    private let elementBytes: Int

    init(_ checkpoint: Checkpoint, precision: Precision) {
        self.checkpoint = checkpoint
        elementBytes = precision.byteCount
        func bytes(_ index: TensorIndex) -> Int {
            index.tensors.values.reduce(0) { $0 + $1.count } * precision.byteCount
        }
        textEncoders =
            bytes(checkpoint.textEncoder.network.tensors)
            + bytes(checkpoint.textEncoder2.network.tensors)
        unet = bytes(checkpoint.unet.tensors)
        vae = bytes(checkpoint.vae.tensors)
    }

    /// The largest sum of what is in memory at once, for latents of `height` by `width`.
    ///
    /// - Parameter branches: pictures side by side in the UNet: 2 with guidance.
    func peakBytes(height: Int, width: Int, branches: Int) -> Int {
        let resident = unet + (keepsText ? textEncoders : 0)
        let encoding = keepsText ? 0 : textEncoders
        let denoising = resident + unetActivations(height, width, branches)
        let decoding = resident + vae + vaeActivations(height, width)
        // The program itself, its libraries and the tokenizers.
        return max(encoding, denoising, decoding) + 150_000_000
    }

    private var keepsText: Bool { textEncoders < 1 << 30 }

    /// Skip connections of all levels stay alive; at the finest level a concatenated input, its
    /// normalised copy and a result of the same size come on top, or the feed-forward layer's
    /// four times wider state.
    private func unetActivations(_ height: Int, _ width: Int, _ branches: Int) -> Int {
        var (skips, working) = (0, 0)
        for (depth, level) in checkpoint.unet.configuration.down.enumerated() {
            let pixels = max(1, (height >> depth) * (width >> depth))
            skips += pixels * level.channels * (level.layers + 1)
            working = max(working, pixels * level.channels * 10)
        }
        return (skips + working) * branches * elementBytes
    }

    /// The finest levels of the decoder rule: input, normalised copy and result at full size.
    private func vaeActivations(_ height: Int, _ width: Int) -> Int {
        let tiled = TiledVAE.covers(height: height, width: width)
        let configuration = checkpoint.vae.configuration
        var working = 0
        for (depth, channels) in configuration.channels.enumerated() {
            let scale = configuration.scale >> depth
            let wider = configuration.channels[min(depth + 1, configuration.channels.count - 1)]
            let pixels = tiled.height * scale * tiled.width * scale
            working = max(working, pixels * (2 * wider + channels))
        }
        let picture = height * width * configuration.scale * configuration.scale * 3 * 4 * 3
        return working * elementBytes + picture
    }
}
