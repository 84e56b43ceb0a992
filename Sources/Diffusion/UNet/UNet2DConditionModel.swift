import Tensors

/// SDXL's noise predictor: a UNet that is told the timestep, the prompt, and sizes.
///
/// Ports diffusers 0.42 `models/unets/unet_2d_condition.py` for the architectures that
/// ``UNetConfiguration`` describes. Pictures are `[N, H, W, channels]`.
final class UNet2DConditionModel {
    let configuration: UNetConfiguration
    private let compute: Compute
    private let convIn: ConvolutionWeights
    private let embedding: ConditionEmbedding
    private let down: [DownBlock2D]
    private let middle: MidBlock2D
    private let up: [UpBlock2D]
    private let normOut: NormWeights
    private let convOut: ConvolutionWeights
    /// Called with a block's name and output; for tests.
    var observe: ((String, Tensor) -> Void)?

    init(_ configuration: UNetConfiguration, _ weights: WeightsScope, compute: Compute) throws {
        self.configuration = configuration
        self.compute = compute
        let first = configuration.down[0].channels
        convIn = try weights.convolution("conv_in", configuration.inChannels, first)
        embedding = try ConditionEmbedding(configuration, weights, compute: compute)
        var skips = [first]
        let blocks = weights.quantized
        down = try Self.downPath(configuration, blocks, compute, skips: &skips)
        middle = try MidBlock2D(configuration, blocks.at("mid_block"), compute: compute)
        up = try Self.upPath(configuration, blocks, compute, skips: skips)
        let last = configuration.up[configuration.up.count - 1].channels
        normOut = try weights.norm("conv_norm_out", last)
        convOut = try weights.convolution("conv_out", last, configuration.outChannels)
    }

    /// Predicts the noise (or what the checkpoint was trained to predict) in `latents`.
    ///
    /// - Parameters:
    ///   - latents: `[N, h, w, inChannels]`, scaled by the scheduler.
    ///   - timestep: the scheduler's, the same for every picture.
    ///   - conditioning: made by ``prepare(_:)`` for N pictures.
    ///   - control: what networks beside this one add to its skip connections.
    ///   - features: where the inner levels' result is kept, or taken from when it is there.
    /// - Returns: `[N, h, w, outChannels]`.
    func callAsFunction(
        _ latents: Tensor, timestep: Float, conditioning: PreparedConditioning,
        control: ControlResiduals? = nil, features: FeatureCache? = nil
    ) throws -> Tensor {
        let time = try embedding(timestep, conditioning)
        let context = ContextReader(conditioning.projections)
        var x = try compute.convolution2D(latents, convIn)
        observe?("conv_in", x)
        var skips = [x]
        if control == nil, up.count > 1, let known = features?[conditioning.count] {
            x = try outerLevel(x, inner: known, time: time, context: context, skips: &skips)
        } else {
            x = try allLevels(
                x, time: time, context: context, control, features, skips: &skips)
        }
        x = try compute.groupNorm(
            x, normOut, groups: configuration.normGroups, epsilon: configuration.normEpsilon,
            silu: true)
        // The scheduler works in f32: rounding the prediction would only lose.
        return try compute.convolution2D(x, convOut, as: .float32)
    }

    private func allLevels(
        _ input: Tensor, time: Tensor, context: ContextReader, _ control: ControlResiduals?,
        _ features: FeatureCache?, skips: inout [Tensor]
    ) throws -> Tensor {
        var x = input
        for (number, block) in down.enumerated() {
            x = try block(
                x, time: time, context: context, skips: &skips,
                feature: control?.feature(level: number))
            observe?("down.\(number)", x)
        }
        x = try middle(x, time: time, context: context)
        // As in the reference, a feature for a middle that is not there goes nowhere.
        if configuration.middle != .none, let feature = control?.feature(level: down.count) {
            x = try compute.add(x, feature)
        }
        if let control { x = try control.add(to: &skips, middle: x, compute) }
        observe?("middle", x)
        for (number, block) in up.enumerated() {
            if number == up.count - 1 { features?[x.shape[0]] = x }
            x = try block(x, time: time, context: context, skips: &skips)
            observe?("up.\(number)", x)
        }
        return x
    }

    /// The outermost levels around what the inner ones made at an earlier step.
    private func outerLevel(
        _ input: Tensor, inner: Tensor, time: Tensor, context: ContextReader,
        skips: inout [Tensor]
    ) throws -> Tensor {
        _ = try down[0].withoutDownsampler(input, time: time, context: context, skips: &skips)
        let between =
            down.dropFirst().flatMap(\.attentions) + middle.attentions
            + up.dropLast().flatMap(\.attentions)
        context.skip(between.reduce(0) { $0 + $1.depth })
        return try up[up.count - 1](inner, time: time, context: context, skips: &skips)
    }

    /// Keys and values of one prompt `[1, tokens, contextWidth]` for every cross-attention, in the
    /// order in which the blocks run.
    func project(_ prompt: Tensor) throws -> [PromptProjection] {
        let transformers =
            down.flatMap(\.attentions) + middle.attentions + up.flatMap(\.attentions)
        return try transformers.flatMap { try $0.project(prompt) }
    }

    /// What the blocks read at every step, for pictures that run side by side.
    func prepare(_ branches: [Branch]) throws -> PreparedConditioning {
        try embedding.prepare(branches)
    }

    /// One picture's side of a run: its prompt and its sizes.
    struct Branch {
        let projections: [PromptProjection]
        /// The second encoder's pooled vector.
        let pooled: [Float]
        let micro: MicroConditioning
        /// For distilled networks that are told the guidance scale.
        var guidanceScale: Double = 1
    }

    static func downPath(
        _ configuration: UNetConfiguration, _ weights: WeightsScope, _ compute: Compute,
        skips: inout [Int]
    ) throws -> [DownBlock2D] {
        var channels = configuration.down[0].channels
        var blocks: [DownBlock2D] = []
        for (number, level) in configuration.down.enumerated() {
            let isLast = number == configuration.down.count - 1
            blocks.append(
                try DownBlock2D(
                    level, inputs: channels, isLast: isLast, in: configuration,
                    weights.at("down_blocks.\(number)"), compute: compute))
            channels = level.channels
            skips += Array(repeating: channels, count: level.layers + (isLast ? 0 : 1))
        }
        return blocks
    }

    private static func upPath(
        _ configuration: UNetConfiguration, _ weights: WeightsScope, _ compute: Compute,
        skips: [Int]
    ) throws -> [UpBlock2D] {
        var channels = skips[skips.count - 1]
        var skips = skips
        var blocks: [UpBlock2D] = []
        for (number, level) in configuration.up.enumerated() {
            let taken = Array(skips.suffix(level.layers).reversed())
            skips.removeLast(level.layers)
            blocks.append(
                try UpBlock2D(
                    level, .init(inputs: channels, skips: taken),
                    isLast: number == configuration.up.count - 1, in: configuration,
                    weights.at("up_blocks.\(number)"), compute: compute))
            channels = level.channels
        }
        return blocks
    }
}

extension UNetConfiguration {
    /// What all ResNet blocks of the network share.
    var resnetShape: ResnetBlock2D.Shape {
        .init(groups: normGroups, epsilon: normEpsilon, timeWidth: timeEmbeddingWidth)
    }
}
