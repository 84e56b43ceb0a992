import Tensors

/// diffusers' `ControlNetConditioningEmbedding`: a control picture to features of the latents' size.
struct ControlPictureEmbedding {
    private let compute: Compute
    private let convIn: ConvolutionWeights
    private let blocks: [ConvolutionWeights]
    private let convOut: ConvolutionWeights

    init(
        _ configuration: ControlNetConfiguration, _ weights: WeightsScope, compute: Compute
    ) throws {
        self.compute = compute
        let widths = configuration.pictureWidths
        convIn = try weights.convolution("conv_in", configuration.pictureChannels, widths[0])
        let halving = ConvolutionWindow(stride: 2, padding: ConvolutionPadding(1))
        blocks = try (0..<(2 * (widths.count - 1))).map { number in
            let level = number / 2
            let isHalving = number % 2 == 1
            return try weights.convolution(
                "blocks.\(number)", widths[level], isHalving ? widths[level + 1] : widths[level],
                isHalving ? halving : ConvolutionWindow())
        }
        convOut = try weights.convolution(
            "conv_out", widths[widths.count - 1], configuration.encoder.down[0].channels)
    }

    /// `[N, H, W, 3]`, colours from 0 to 1, to `[N, h, w, channels]`.
    func callAsFunction(_ picture: Tensor) throws -> Tensor {
        var x = try compute.activate(try compute.convolution2D(picture, convIn), .silu)
        for block in blocks {
            x = try compute.activate(try compute.convolution2D(x, block), .silu)
        }
        return try compute.convolution2D(x, convOut)
    }
}
