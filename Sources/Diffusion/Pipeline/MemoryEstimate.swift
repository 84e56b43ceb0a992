import Tensors

/// How much memory a run takes, known before any weight is read.
struct MemoryEstimate {
    /// Bytes of both text encoders' prepared weights.
    let textEncoders: Int
    /// Bytes of the UNet's prepared weights that are in memory at once.
    let unet: Int
    /// Bytes of the VAE decoder's prepared weights.
    let vae: Int

    private let checkpoint: Checkpoint
    private let elementBytes: Int
    private let keepsText: Bool

    /// - Parameter streams: whether weights pass through memory layer by layer.
    init(_ checkpoint: Checkpoint, _ options: ComputeOptions, streams: Bool) {
        self.checkpoint = checkpoint
        elementBytes = options.precision.byteCount
        func elements(_ index: TensorIndex) -> Int {
            index.tensors.values.reduce(0) { $0 + $1.count }
        }
        let text =
            (checkpoint.textEncoder.map { elements($0.network.tensors) } ?? 0)
            + (checkpoint.textEncoder2.map { elements($0.network.tensors) } ?? 0)
        textEncoders = text * options.precision.byteCount
        keepsText = !streams && textEncoders < 1 << 30
        if streams {
            // A layer as stored and as prepared, and small vectors of all layers.
            let largest = checkpoint.unet.tensors.tensors.values.map(Self.prepared).max() ?? 0
            unet = largest * (4 + options.precision.byteCount) + (16 << 20)
        } else {
            let kept = checkpoint.unet.tensors.tensors.filter { !Self.isOfPrompt($0.key) }.values
            unet =
                options.quantizes
                // Layers that are never rounded to int8, and the scales: a twentieth of all.
                ? kept.reduce(0) { $0 + $1.count } * 106 / 100
                : kept.reduce(0) { $0 + Self.prepared($1) } * options.precision.byteCount
        }
        vae =
            checkpoint.vae.tensors.tensors.values.reduce(0) { $0 + Self.prepared($1) }
            * options.precision.byteCount
    }

    /// Elements of a weight as products read it: 3x3 kernels are transformed to 4x4.
    private static func prepared(_ tensor: CheckpointTensor) -> Int {
        tensor.shape.suffix(2) == [3, 3] && tensor.shape.count == 4
            ? tensor.count / 9 * 16 : tensor.count
    }

    /// Whether a weight makes keys and values of the prompt, which does not stay in memory.
    private static func isOfPrompt(_ name: String) -> Bool {
        name.hasSuffix("attn2.to_k.weight") || name.hasSuffix("attn2.to_v.weight")
    }

    /// The largest sum of what is in memory at once, for latents of `height` by `width`.
    ///
    /// - Parameter branches: pictures side by side in the UNet: 2 with guidance.
    func peakBytes(height: Int, width: Int, branches: Int) -> Int {
        let text = keepsText ? textEncoders : 0
        let encoding = keepsText ? 0 : 64 << 20
        let denoising = unet + text + unetActivations(height, width, branches)
        // The UNet gives way to what the decoder needs beyond the denoising's activations.
        let decoding = vae + text + vaeActivations(height, width)
        // The program itself, its libraries and the tokenizers.
        return max(encoding, denoising, decoding) + 150_000_000
    }

    /// What decoding takes beyond the activations of denoising with guidance.
    func decodingExcess(height: Int, width: Int) -> Int {
        vae + vaeActivations(height, width) - unetActivations(height, width, 2)
    }

    /// What encoding a picture takes beyond the activations of denoising with guidance.
    func encodingExcess(height: Int, width: Int) -> Int {
        let share = checkpoint.vae.configuration.encodesExactly ? 4 : elementBytes
        let bytes = vae + vaeActivations(height, width)
        return bytes * share / elementBytes - unetActivations(height, width, 2)
    }

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

    /// The finest levels of the decoder rule: input, shortcut and inner result at full size.
    private func vaeActivations(_ height: Int, _ width: Int) -> Int {
        let configuration = checkpoint.vae.configuration
        var working = 0
        for (depth, channels) in configuration.channels.enumerated() {
            let scale = configuration.scale >> depth
            let wider = configuration.channels[min(depth + 1, configuration.channels.count - 1)]
            let part = TiledVAE.covers(
                configuration, level: configuration.channels.count - 1 - depth, height: height,
                width: width)
            let pixels = part.height * scale * part.width * scale
            working = max(working, pixels * (wider + 2 * channels))
        }
        let picture = height * width * configuration.scale * configuration.scale * 3 * 4 * 3
        return working * elementBytes + picture
    }
}
