import Tensors

/// The encoding half of an `AutoencoderKL`: a picture to a distribution of latents.
final class VAEEncoder {
    let configuration: VAEConfiguration
    private let compute: Compute
    private let convIn: ConvolutionWeights
    private let levels: [(resnets: [ResnetBlock2D], downsampler: ConvolutionWeights?)]
    private let middle: VAEMidBlock
    private let normOut: NormWeights
    private let convOut: ConvolutionWeights
    private let quant: LinearWeights?

    init(_ configuration: VAEConfiguration, _ weights: WeightsScope, compute: Compute) throws {
        self.configuration = configuration
        self.compute = compute
        let widths = configuration.channels
        let encoder = weights.at("encoder")
        convIn = try encoder.convolution("conv_in", configuration.pictureChannels, widths[0])
        // The reference pads below and on the right only.
        let window = ConvolutionWindow(
            stride: 2, padding: ConvolutionPadding(top: 0, left: 0, bottom: 1, right: 1))
        levels = try widths.indices.map { level in
            let scope = encoder.at("down_blocks.\(level)")
            let inputs = widths[max(0, level - 1)]
            let resnets = try (0..<configuration.layers).map {
                try ResnetBlock2D(
                    configuration.resnetShape, inputs: $0 == 0 ? inputs : widths[level],
                    outputs: widths[level], scope.at("resnets.\($0)"), compute: compute)
            }
            let isLast = level == widths.count - 1
            let downsampler =
                isLast
                ? nil
                : try scope.convolution(
                    "downsamplers.0.conv", widths[level], widths[level], window)
            return (resnets, downsampler)
        }
        middle = try VAEMidBlock(configuration, encoder.at("mid_block"), compute: compute)
        let moments = 2 * configuration.latentChannels
        normOut = try encoder.norm("conv_norm_out", widths[widths.count - 1])
        convOut = try encoder.convolution("conv_out", widths[widths.count - 1], moments)
        quant =
            try configuration.hasQuantConvolution
            ? weights.pointwise("quant_conv", moments, moments) : nil
    }

    /// `[N, H, W, 3]`, colours from -1 to 1, to mean and log variance `[N, h, w, 2 * channels]`, in
    /// f32.
    func moments(_ picture: Tensor) throws -> Tensor {
        try moments(from: try features(of: picture, levels: 0), levels: 0)
    }

    /// Channels of ``features(of:levels:)``.
    func featureChannels(levels count: Int) -> Int { configuration.channels[max(0, count - 1)] }

    /// The first `count` levels, each of which halves a picture: `[N, H / s, W / s, C]`.
    func features(of picture: Tensor, levels count: Int) throws -> Tensor {
        try through(levels.prefix(count), try compute.convolution2D(picture, convIn))
    }

    /// The part that makes mean and log variance of ``features(of:levels:)``, which it uses up.
    func moments(from features: Tensor, levels count: Int) throws -> Tensor {
        var x = try middle(try through(levels.dropFirst(count), features))
        x = try compute.groupNorm(
            x, normOut, groups: configuration.normGroups, epsilon: 1e-6, silu: true,
            inPlace: true)
        guard let quant else { return try compute.convolution2D(x, convOut, as: .float32) }
        return try compute.linear(try compute.convolution2D(x, convOut), quant, as: .float32)
    }

    private func through(
        _ levels: ArraySlice<(resnets: [ResnetBlock2D], downsampler: ConvolutionWeights?)>,
        _ features: Tensor
    ) throws -> Tensor {
        var x = features
        for level in levels {
            for resnet in level.resnets { x = try resnet(x, consumes: true) }
            if let downsampler = level.downsampler {
                x = try compute.convolution2D(x, downsampler)
            }
        }
        return x
    }
}
