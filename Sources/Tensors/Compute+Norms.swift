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
        let given = try groupStatistics.map { try shared($0, x, weights, groups) }
        let result = inPlace ? x : try tensor(x.shape, x.precision)
        var work = groupNormWork(x, weights, groups)
        work.out = result.pointer
        work.epsilon = epsilon
        work.silu = silu ? 1 : 0
        if var given {
            try given.withUnsafeMutableBufferPointer { statistics in
                work.statistics = statistics.baseAddress
                work.given = 1
                try normalize(&work)
            }
        } else {
            try normalize(&work)
        }
        return withExtendedLifetime((x, weights)) { result }
    }

    /// The whole picture's statistics, where `x` is of a tile.
    private func shared(
        _ statistics: GroupStatistics, _ x: Tensor, _ weights: NormWeights, _ groups: Int
    ) throws -> [Double] {
        if let known = statistics.given() { return known }
        let part = statistics.counted(height: x.shape[1], width: x.shape[2])
        guard !part.rows.isEmpty, !part.columns.isEmpty else { throw GroupStatistics.Gathered() }
        let counted = try crop(
            x, top: part.rows.lowerBound, left: part.columns.lowerBound,
            height: part.rows.count, width: part.columns.count)
        var work = groupNormWork(counted, weights, groups)
        var values = [Double](repeating: 0, count: 2 * groups)
        try values.withUnsafeMutableBufferPointer { values in
            work.statistics = values.baseAddress
            try withExtendedLifetime(counted) { try normalize(&work) }
        }
        statistics.gather(values, pixels: part.rows.count * part.columns.count)
        throw GroupStatistics.Gathered()
    }

    private func groupNormWork(
        _ x: Tensor, _ weights: NormWeights, _ groups: Int
    ) -> ck_group_norm {
        var work = ck_group_norm()
        work.x = UnsafeRawPointer(x.pointer)
        work.type = x.precision.code
        work.pictures = x.shape[0]
        work.pixels = x.shape[1..<x.shape.count - 1].reduce(1, *)
        work.channels = x.channels
        work.groups = groups
        work.gamma = weights.gamma.pointer
        work.beta = weights.beta.pointer
        return work
    }

    private func normalize(_ work: inout ck_group_norm) throws {
        let workspace = try arena.allocate(ck_group_norm_workspace(&work))
        work.workspace = workspace.pointer
        let count = work.pictures * work.pixels * work.channels
        try withExtendedLifetime(workspace) {
            try run(.norm, operations: 8 * Double(count)) {
                ck_group_norm_run(pool, level.code, &work)
            }
        }
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
