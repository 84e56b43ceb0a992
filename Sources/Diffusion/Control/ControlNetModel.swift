import Tensors

/// A ControlNet: a copy of the UNet's contracting half that reads a control picture and adds what it
/// finds to the UNet's skip connections (Zhang et al. 2023, https://arxiv.org/abs/2302.05543).
///
/// Ports diffusers 0.42 `models/controlnets/controlnet.py`. Pictures are `[N, H, W, channels]`.
final class ControlNetModel: LoadableNetwork {
    let configuration: ControlNetConfiguration
    private let compute: Compute
    private let convIn: ConvolutionWeights
    private let embedding: ConditionEmbedding
    private let picture: ControlPictureEmbedding
    private let down: [DownBlock2D]
    private let middle: MidBlock2D
    private let skipOutputs: [LinearWeights]
    private let middleOutput: LinearWeights

    init(_ configuration: ControlNetConfiguration, _ weights: WeightsScope, compute: Compute) throws
    {
        self.configuration = configuration
        self.compute = compute
        let encoder = configuration.encoder
        convIn = try weights.convolution("conv_in", encoder.inChannels, encoder.down[0].channels)
        embedding = try ConditionEmbedding(encoder, weights, compute: compute)
        picture = try ControlPictureEmbedding(
            configuration, weights.at("controlnet_cond_embedding"), compute: compute)
        var skips = [encoder.down[0].channels]
        down = try UNet2DConditionModel.downPath(encoder, weights, compute, skips: &skips)
        middle = try MidBlock2D(encoder, weights.at("mid_block"), compute: compute)
        skipOutputs = try skips.enumerated().map { number, channels in
            try weights.pointwise("controlnet_down_blocks.\(number)", channels, channels)
        }
        let last = encoder.down[encoder.down.count - 1].channels
        middleOutput = try weights.pointwise("controlnet_mid_block", last, last)
    }

    /// Features of a control picture `[N, H, W, 3]` with colours from 0 to 1; they do not depend on
    /// the timestep.
    func features(of picture: Tensor) throws -> Tensor {
        try self.picture(picture)
    }

    /// - Parameters:
    ///   - latents: `[N, h, w, channels]`, scaled by the scheduler.
    ///   - features: made by ``features(of:)``, `[N, h, w, channels]`.
    ///   - conditioning: made by ``prepare(_:)``.
    ///   - scale: multiplier of everything that is added.
    func callAsFunction(
        _ latents: Tensor, features: Tensor, timestep: Float, conditioning: PreparedConditioning,
        scale: Float
    ) throws -> ControlResiduals {
        let time = try embedding(timestep, conditioning)
        let context = ContextReader(conditioning.projections)
        var x = try compute.add(try compute.convolution2D(latents, convIn), features)
        var skips = [x]
        for block in down { x = try block(x, time: time, context: context, skips: &skips) }
        x = try middle(x, time: time, context: context)
        return ControlResiduals(
            skips: try zip(skips, skipOutputs).map { try residual($0, $1, scale) },
            middle: try residual(x, middleOutput, scale))
    }

    /// Keys and values of one prompt `[1, tokens, contextWidth]` for every cross-attention.
    func project(_ prompt: Tensor) throws -> [PromptProjection] {
        try (down.flatMap(\.attentions) + middle.attentions).flatMap { try $0.project(prompt) }
    }

    /// What the blocks read at every step, for pictures that run side by side.
    func prepare(_ branches: [UNet2DConditionModel.Branch]) throws -> PreparedConditioning {
        try embedding.prepare(branches)
    }

    private func residual(_ x: Tensor, _ weights: LinearWeights, _ scale: Float) throws -> Tensor {
        let output = try compute.linear(x, weights)
        return scale == 1 ? output : try compute.scale(output, by: scale)
    }
}
