import Tensors

/// diffusers' `Transformer2DModel`: a picture's pixels as a sequence that reads the prompt.
struct Transformer2D {
    private let compute: Compute
    private let groups: Int
    private let norm: NormWeights
    private let projectionIn: LinearWeights
    private let blocks: [BasicTransformerBlock]
    private let projectionOut: LinearWeights

    init(
        _ configuration: UNetConfiguration, channels: Int, heads: Int, depth: Int,
        _ weights: WeightsScope, compute: Compute
    ) throws {
        self.compute = compute
        groups = configuration.normGroups
        norm = try weights.norm("norm", channels)
        // In NHWC a 1x1 convolution is a linear layer; only the stored shape differs.
        let isLinear = configuration.usesLinearProjection
        projectionIn =
            try isLinear
            ? weights.linear("proj_in", channels, channels)
            : weights.pointwise("proj_in", channels, channels)
        blocks = try (0..<depth).map {
            try BasicTransformerBlock(
                channels: channels, heads: heads, contextWidth: configuration.contextWidth,
                weights.at("transformer_blocks.\($0)"), compute: compute)
        }
        projectionOut =
            try isLinear
            ? weights.linear("proj_out", channels, channels)
            : weights.pointwise("proj_out", channels, channels)
    }

    /// Prompt projections that this transformer takes.
    var depth: Int { blocks.count }

    /// `[N, H, W, channels]` to the same shape; takes this transformer's prompts from `context`.
    func callAsFunction(_ x: Tensor, context: ContextReader) throws -> Tensor {
        let (batch, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        var h = try compute.groupNorm(x, norm, groups: groups, epsilon: 1e-6)
        h = try compute.linear(h.reshaped([batch, height * width, channels]), projectionIn)
        for block in blocks { h = try block(h, context: context.next()) }
        let residual = try x.reshaped([batch, height * width, channels])
        return try compute.linear(h, projectionOut, residual: residual)
            .reshaped([batch, height, width, channels])
    }

    /// Keys and values of a prompt for each block.
    func project(_ prompt: Tensor) throws -> [PromptProjection] {
        try blocks.map { try $0.project(prompt) }
    }
}
