import Tensors

/// What control networks add inside the UNet, `[N, h, w, channels]` each.
struct ControlResiduals {
    /// One per skip connection, from `conv_in` down.
    let skips: [Tensor]
    /// For the middle block's output.
    let middle: Tensor

    /// Both networks' residuals.
    func adding(_ other: ControlResiduals, _ compute: Compute) throws -> ControlResiduals {
        ControlResiduals(
            skips: try zip(skips, other.skips).map { try compute.add($0, $1) },
            middle: try compute.add(middle, other.middle))
    }

    /// Adds the residuals to the UNet's skip connections and returns its new middle.
    func add(to skips: inout [Tensor], middle: Tensor, _ compute: Compute) throws -> Tensor {
        for index in skips.indices {
            skips[index] = try compute.add(skips[index], self.skips[index])
        }
        return try compute.add(middle, self.middle)
    }
}
