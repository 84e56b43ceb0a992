import Tensors

/// The decoding half of an `AutoencoderKL`: unscaled latents to a picture.
final class VAEDecoder {
    let configuration: VAEConfiguration
    private let compute: Compute
    private let postQuant: LinearWeights?
    private let convIn: ConvolutionWeights
    private let middle: VAEMidBlock
    private let levels: [(resnets: [ResnetBlock2D], upsampler: ConvolutionWeights?)]
    private let normOut: NormWeights
    private let convOut: ConvolutionWeights

    init(_ configuration: VAEConfiguration, _ weights: WeightsScope, compute: Compute) throws {
        self.configuration = configuration
        self.compute = compute
        let latent = configuration.latentChannels
        postQuant =
            try configuration.hasPostQuantConvolution
            ? weights.pointwise("post_quant_conv", latent, latent) : nil
        let decoder = weights.at("decoder")
        let widths = Array(configuration.channels.reversed())
        convIn = try decoder.convolution("conv_in", latent, widths[0])
        middle = try VAEMidBlock(configuration, decoder.at("mid_block"), compute: compute)
        levels = try widths.indices.map { level in
            let scope = decoder.at("up_blocks.\(level)")
            let inputs = widths[max(0, level - 1)]
            let resnets = try (0...configuration.layers).map {
                try ResnetBlock2D(
                    configuration.resnetShape, inputs: $0 == 0 ? inputs : widths[level],
                    outputs: widths[level], scope.at("resnets.\($0)"), compute: compute)
            }
            let isLast = level == widths.count - 1
            let upsampler =
                isLast
                ? nil
                : try scope.convolution("upsamplers.0.conv", widths[level], widths[level])
            return (resnets, upsampler)
        }
        normOut = try decoder.norm("conv_norm_out", widths[widths.count - 1])
        convOut = try decoder.convolution(
            "conv_out", widths[widths.count - 1], configuration.pictureChannels)
    }

    /// `[N, h, w, latentChannels]` to `[N, h * scale, w * scale, 3]`, colours from -1 to 1, in f32.
    func decode(_ latents: Tensor) throws -> Tensor {
        try picture(
            from: try features(of: latents, levels: levels.count), levels: levels.count)
    }

    /// The part up to the residual blocks of the first `count` levels: `[N, h * s, w * s, C]`, where
    /// s doubles with each level after the first.
    func features(of latents: Tensor, levels count: Int) throws -> Tensor {
        let z = try postQuant.map { try compute.linear(latents, $0) } ?? latents
        var x = try middle(try compute.convolution2D(z, convIn))
        for (index, level) in levels.prefix(count).enumerated() {
            for resnet in level.resnets { x = try resnet(x, consumes: true) }
            if index + 1 < count, let upsampler = level.upsampler {
                x = try compute.convolution2D(x, upsampler, upsampled: true)
            }
        }
        return x
    }

    /// The part that makes a picture of ``features(of:levels:)``, which it uses up.
    func picture(from features: Tensor, levels count: Int) throws -> Tensor {
        var x = features
        for index in max(0, count - 1)..<levels.count {
            if index >= count {
                for resnet in levels[index].resnets { x = try resnet(x, consumes: true) }
            }
            if let upsampler = levels[index].upsampler {
                x = try compute.convolution2D(x, upsampler, upsampled: true)
            }
        }
        x = try compute.groupNorm(
            x, normOut, groups: configuration.normGroups, epsilon: 1e-6, silu: true,
            inPlace: true)
        return try compute.convolution2D(x, convOut, as: .float32)
    }
}
