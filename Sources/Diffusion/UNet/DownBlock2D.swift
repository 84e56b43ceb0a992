import Tensors

/// diffusers' `DownBlock2D` and `CrossAttnDownBlock2D`: one level of the contracting path.
struct DownBlock2D {
    private let compute: Compute
    private let resnets: [ResnetBlock2D]
    /// One per ResNet block, or none.
    let attentions: [Transformer2D]
    private let downsampler: ConvolutionWeights?

    init(
        _ level: UNetConfiguration.Level, inputs: Int, isLast: Bool,
        in configuration: UNetConfiguration, _ weights: WeightsScope, compute: Compute
    ) throws {
        self.compute = compute
        resnets = try (0..<level.layers).map {
            try ResnetBlock2D(
                configuration.resnetShape, inputs: $0 == 0 ? inputs : level.channels,
                outputs: level.channels, weights.at("resnets.\($0)"), compute: compute)
        }
        attentions = try (level.transformerDepths ?? []).enumerated().map { number, depth in
            try Transformer2D(
                configuration, channels: level.channels, heads: level.heads, depth: depth,
                weights.at("attentions.\(number)"), compute: compute)
        }
        downsampler =
            isLast
            ? nil
            : try weights.convolution(
                "downsamplers.0.conv", level.channels, level.channels,
                ConvolutionWindow(stride: 2, padding: ConvolutionPadding(1)))
    }

    /// Halves the picture (unless last) and appends each layer's output to `skips`.
    func callAsFunction(
        _ input: Tensor, time: Tensor, context: ContextReader, skips: inout [Tensor]
    ) throws -> Tensor {
        var x = try withoutDownsampler(input, time: time, context: context, skips: &skips)
        guard let downsampler else { return x }
        x = try compute.convolution2D(x, downsampler)
        skips.append(x)
        return x
    }

    /// Appends each layer's output to `skips` and returns the last.
    func withoutDownsampler(
        _ input: Tensor, time: Tensor, context: ContextReader, skips: inout [Tensor]
    ) throws -> Tensor {
        var x = input
        for (number, resnet) in resnets.enumerated() {
            x = try resnet(x, time: time)
            if !attentions.isEmpty { x = try attentions[number](x, context: context) }
            skips.append(x)
        }
        return x
    }
}
