import Foundation
import Tensors

/// diffusers' `TimestepEmbedding`: two linear layers around a SiLU.
struct TimestepEmbedding {
    private let compute: Compute
    private let linear1: LinearWeights
    private let linear2: LinearWeights
    private let guidanceProjection: LinearWeights?

    /// - Parameter guidanceWidth: width of the embedded guidance scale that is added to the input.
    init(
        inputs: Int, outputs: Int, guidanceWidth: Int? = nil, _ weights: WeightsScope,
        compute: Compute
    ) throws {
        self.compute = compute
        linear1 = try weights.linear("linear_1", inputs, outputs)
        linear2 = try weights.linear("linear_2", outputs, outputs)
        guidanceProjection = try guidanceWidth.map {
            try weights.linear("cond_proj", $0, inputs, bias: false)
        }
    }

    /// `[N, inputs]` to `[N, outputs]`.
    func callAsFunction(_ x: Tensor, guidance: Tensor? = nil) throws -> Tensor {
        var x = x
        if let guidance, let guidanceProjection {
            x = try compute.linear(guidance, guidanceProjection, residual: x)
        }
        return try compute.linear(try compute.linear(x, linear1, activation: .silu), linear2)
    }
}

/// Sinusoids of a guidance scale for distilled networks.
struct GuidanceSinusoid {
    let width: Int

    /// The embedding of `value`, sines first.
    func callAsFunction(_ value: Float) -> [Float] {
        let half = width / 2
        let step = Float(log(10000.0)) / Float(half - 1)
        let angles = (0..<half).map { value * 1000 * exp(Float($0) * -step) }
        let padding = width % 2 == 1 ? [Float(0)] : []
        return angles.map { sin($0) } + angles.map { cos($0) } + padding
    }
}
