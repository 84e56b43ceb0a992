import Tensors

/// diffusers' `UNetMidBlock2DCrossAttn` and the plain `UNetMidBlock2D`.
struct MidBlock2D {
    private let resnets: [ResnetBlock2D]
    /// One or none.
    let attentions: [Transformer2D]

    init(
        _ configuration: UNetConfiguration, _ weights: WeightsScope, compute: Compute
    ) throws {
        guard let level = configuration.down.last, configuration.middle != .none else {
            (resnets, attentions) = ([], [])
            return
        }
        if case .crossAttention(let depth) = configuration.middle {
            attentions = [
                try Transformer2D(
                    configuration, channels: level.channels, heads: level.heads, depth: depth,
                    weights.at("attentions.0"), compute: compute)
            ]
        } else {
            attentions = []
        }
        resnets = try (0...attentions.count).map {
            try ResnetBlock2D(
                configuration.resnetShape, inputs: level.channels, outputs: level.channels,
                weights.at("resnets.\($0)"), compute: compute)
        }
    }

    /// `[N, H, W, channels]` to the same shape.
    func callAsFunction(_ input: Tensor, time: Tensor, context: ContextReader) throws -> Tensor {
        var x = input
        for (number, resnet) in resnets.enumerated() {
            if number > 0 { x = try attentions[number - 1](x, context: context) }
            x = try resnet(x, time: time)
        }
        return x
    }
}
