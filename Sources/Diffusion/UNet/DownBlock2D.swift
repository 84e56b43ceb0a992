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
    ///
    /// - Parameter feature: a T2I-Adapter's, added behind the last layer, or behind the halving
    ///   where the level has no attention.
    func callAsFunction(
        _ input: Tensor, time: Tensor, context: ContextReader, skips: inout [Tensor],
        feature: Tensor? = nil
    ) throws -> Tensor {
        let isEarly = !attentions.isEmpty
        var x = try withoutDownsampler(
            input, time: time, context: context, skips: &skips,
            feature: isEarly ? feature : nil)
        if let downsampler {
            x = try compute.convolution2D(x, downsampler)
            skips.append(x)
        }
        guard let feature, !isEarly else { return x }
        // The reference adds in place, to the skip connection too.
        x = try compute.add(x, feature)
        skips[skips.count - 1] = x
        return x
    }

    /// Appends each layer's output to `skips` and returns the last.
    func withoutDownsampler(
        _ input: Tensor, time: Tensor, context: ContextReader, skips: inout [Tensor],
        feature: Tensor? = nil
    ) throws -> Tensor {
        var x = input
        for (number, resnet) in resnets.enumerated() {
            x = try resnet(x, time: time)
            if !attentions.isEmpty { x = try attentions[number](x, context: context) }
            if let feature, number == resnets.count - 1 { x = try compute.add(x, feature) }
            skips.append(x)
        }
        return x
    }
}
