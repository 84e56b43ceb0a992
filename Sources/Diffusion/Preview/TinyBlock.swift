import Tensors

/// diffusers' `AutoencoderTinyBlock`: three convolutions with a skip connection.
struct TinyBlock {
    private let compute: Compute
    private let convolutions: [ConvolutionWeights]

    init(_ channels: Int, _ weights: WeightsScope, compute: Compute) throws {
        self.compute = compute
        convolutions = try [0, 2, 4].map {
            try weights.convolution("conv.\($0)", channels, channels)
        }
    }

    /// `[1, H, W, channels]` to the same shape.
    func callAsFunction(_ input: Tensor) throws -> Tensor {
        var x = input
        for (number, weights) in convolutions.enumerated() {
            x = try compute.convolution2D(
                x, weights, residual: number == convolutions.count - 1 ? input : nil)
            x = try compute.activate(x, .relu)
        }
        return x
    }
}
