import Tensors

/// diffusers' `UNetMidBlock2D` as the autoencoder uses it: two ResNet blocks around attention.
struct VAEMidBlock {
    private let first: ResnetBlock2D
    private let attention: VAEAttention?
    private let second: ResnetBlock2D

    init(_ configuration: VAEConfiguration, _ weights: WeightsScope, compute: Compute) throws {
        let width = configuration.channels[configuration.channels.count - 1]
        let shape = configuration.resnetShape
        first = try ResnetBlock2D(
            shape, inputs: width, outputs: width, weights.at("resnets.0"), compute: compute)
        attention =
            try configuration.hasMiddleAttention
            ? VAEAttention(
                channels: width, groups: configuration.normGroups, weights.at("attentions.0"),
                compute: compute) : nil
        second = try ResnetBlock2D(
            shape, inputs: width, outputs: width, weights.at("resnets.1"), compute: compute)
    }

    /// `[N, H, W, channels]` to the same shape.
    func callAsFunction(_ x: Tensor) throws -> Tensor {
        var h = try first(x)
        if let attention { h = try attention(h) }
        return try second(h)
    }
}

extension VAEConfiguration {
    /// What all ResNet blocks of the autoencoder share.
    var resnetShape: ResnetBlock2D.Shape {
        .init(groups: normGroups, epsilon: 1e-6, timeWidth: nil)
    }
}
