import CKernels

extension Compute {
    /// Group normalisation of x [N, ..., C] over all pixels of a picture and the channels of a
    /// group, then scale and shift, then SiLU if asked. With `inPlace` x itself becomes the result.
    public func groupNorm(
        _ x: Tensor, _ weights: NormWeights, groups: Int, epsilon: Float = 1e-5,
        silu: Bool = false, inPlace: Bool = false
    ) throws -> Tensor {
        guard x.shape.count >= 2, x.channels == weights.channels, groups > 0,
            x.channels % groups == 0
        else {
            throw TensorError.shapeMismatch(
                operation: "group norm",
                detail: "\(x.shape) with \(weights.channels) channels in \(groups) groups")
        }
        let result = inPlace ? x : try tensor(x.shape, x.precision)
        var work = ck_group_norm()
        work.x = UnsafeRawPointer(x.pointer)
        work.out = result.pointer
        work.type = x.precision.code
        work.pictures = x.shape[0]
        work.pixels = x.shape[1..<x.shape.count - 1].reduce(1, *)
        work.channels = x.channels
        work.groups = groups
        work.gamma = weights.gamma.pointer
        work.beta = weights.beta.pointer
        work.epsilon = epsilon
        work.silu = silu ? 1 : 0
        let workspace = try arena.allocate(ck_group_norm_workspace(&work))
        work.workspace = workspace.pointer
        try withExtendedLifetime((x, weights, workspace)) {
            try run(.norm, operations: 8 * Double(x.count)) {
                ck_group_norm_run(pool, level.code, &work)
            }
        }
        return result
    }

    /// Layer normalisation of each row of x [..., C].
    public func layerNorm(
        _ x: Tensor, _ weights: NormWeights, epsilon: Float = 1e-5
    ) throws -> Tensor {
        guard x.channels == weights.channels else {
            throw TensorError.shapeMismatch(
                operation: "layer norm", detail: "\(x.shape) with \(weights.channels) channels")
        }
        let result = try tensor(x.shape, x.precision)
        var work = ck_layer_norm()
        work.x = UnsafeRawPointer(x.pointer)
        work.out = result.pointer
        work.type = x.precision.code
        work.rows = x.rows
        work.columns = x.channels
        work.gamma = weights.gamma.pointer
        work.beta = weights.beta.pointer
        work.epsilon = epsilon
        try withExtendedLifetime((x, weights)) {
            try run(.norm, operations: 8 * Double(x.count)) {
                ck_layer_norm_run(pool, level.code, &work)
            }
        }
        return result
    }
}
