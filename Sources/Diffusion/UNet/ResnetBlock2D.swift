import Tensors

/// diffusers' `ResnetBlock2D`: two normalised convolutions around the timestep's shift.
struct ResnetBlock2D {
    /// What all blocks of a network share.
    struct Shape {
        let groups: Int
        let epsilon: Float
        /// Width of the embedded timestep, nil in an autoencoder.
        let timeWidth: Int?
    }

    private let compute: Compute
    private let shape: Shape
    private let norm1: NormWeights
    private let conv1: ConvolutionWeights
    private let timeProjection: LinearWeights?
    private let norm2: NormWeights
    private let conv2: ConvolutionWeights
    private let shortcut: LinearWeights?

    init(
        _ shape: Shape, inputs: Int, outputs: Int, _ weights: WeightsScope, compute: Compute
    ) throws {
        self.compute = compute
        self.shape = shape
        norm1 = try weights.norm("norm1", inputs)
        conv1 = try weights.convolution("conv1", inputs, outputs)
        timeProjection = try shape.timeWidth.map {
            try weights.exact.linear("time_emb_proj", $0, outputs)
        }
        norm2 = try weights.norm("norm2", outputs)
        conv2 = try weights.convolution("conv2", outputs, outputs)
        shortcut =
            inputs == outputs ? nil : try weights.pointwise("conv_shortcut", inputs, outputs)
    }

    /// - Parameters:
    ///   - x: `[N, H, W, inputs]`.
    ///   - time: `[N, timeWidth]`, the activated embedding; nil in an autoencoder.
    ///   - consumes: whether nobody reads x afterwards, so that its memory can be used.
    /// - Returns: `[N, H, W, outputs]`.
    func callAsFunction(
        _ x: Tensor, time: Tensor? = nil, consumes: Bool = false
    ) throws -> Tensor {
        var shift: Tensor?
        if let time, let timeProjection { shift = try compute.linear(time, timeProjection) }
        let skip = try shortcut.map { try compute.linear(x, $0) }
        var h = try normed(x, norm1, inPlace: consumes && skip != nil)
        h = try compute.convolution2D(h, conv1, channelBias: shift)
        h = try normed(h, norm2, inPlace: true)
        return try compute.convolution2D(
            h, conv2, residual: skip ?? x, overwritesResidual: consumes || skip != nil)
    }

    private func normed(_ x: Tensor, _ norm: NormWeights, inPlace: Bool) throws -> Tensor {
        try compute.groupNorm(
            x, norm, groups: shape.groups, epsilon: shape.epsilon, silu: true, inPlace: inPlace)
    }
}
