import Tensors

/// diffusers' `UpBlock2D` and `CrossAttnUpBlock2D`: one level of the expanding path.
struct UpBlock2D {
    /// Channels that meet in a block.
    struct Channels {
        /// Of the level below, which come in.
        let inputs: Int
        /// Of each skip connection, in the order in which the layers take them.
        let skips: [Int]
    }

    private let compute: Compute
    private let resnets: [ResnetBlock2D]
    /// One per ResNet block, or none.
    let attentions: [Transformer2D]
    private let upsampler: ConvolutionWeights?

    init(
        _ level: UNetConfiguration.Level, _ channels: Channels, isLast: Bool,
        in configuration: UNetConfiguration, _ weights: WeightsScope, compute: Compute
    ) throws {
        self.compute = compute
        resnets = try (0..<level.layers).map {
            try ResnetBlock2D(
                configuration.resnetShape,
                inputs: ($0 == 0 ? channels.inputs : level.channels) + channels.skips[$0],
                outputs: level.channels, weights.at("resnets.\($0)"), compute: compute)
        }
        attentions = try (level.transformerDepths ?? []).enumerated().map { number, depth in
            try Transformer2D(
                configuration, channels: level.channels, heads: level.heads, depth: depth,
                weights.at("attentions.\(number)"), compute: compute)
        }
        upsampler =
            isLast
            ? nil
            : try weights.convolution("upsamplers.0.conv", level.channels, level.channels)
    }

    /// Takes its skip connections from the end of `skips` and doubles the picture (unless last);
    /// the result is as large as the next skip connection.
    func callAsFunction(
        _ input: Tensor, time: Tensor, context: ContextReader, skips: inout [Tensor]
    ) throws -> Tensor {
        var x = input
        for (number, resnet) in resnets.enumerated() {
            let skip = skips.removeLast()
            x = try resnet(
                try compute.concatenateChannels([x, skip]), time: time, consumes: true)
            if !attentions.isEmpty { x = try attentions[number](x, context: context) }
        }
        guard let upsampler, let next = skips.last else { return x }
        guard next.shape[1] == 2 * x.shape[1], next.shape[2] == 2 * x.shape[2] else {
            let enlarged = try compute.upsampleNearest2x(x)
            return try compute.convolution2D(
                try compute.crop(enlarged, height: next.shape[1], width: next.shape[2]), upsampler)
        }
        return try compute.convolution2D(x, upsampler, upsampled: true)
    }
}
