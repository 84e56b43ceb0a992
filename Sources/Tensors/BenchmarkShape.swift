/// One operation of `KernelBenchmark` with its sizes; `rows` are those of one batch entry.
enum BenchmarkShape {
    case convolution(
        inputs: Int, outputs: Int, kernel: Int, height: Int, width: Int, count: Int)
    case linear(inputs: Int, outputs: Int, rows: Int, count: Int)
    case gated(inputs: Int, outputs: Int, rows: Int, count: Int)
    case attention(heads: Int, rows: Int, keys: Int, count: Int)
    case layerNorm(channels: Int, rows: Int, count: Int)
    case groupNorm(channels: Int, rows: Int, count: Int)

    var name: String {
        switch self {
        case .convolution(let inputs, let outputs, let kernel, let height, let width, _):
            "convolution \(kernel)x\(kernel) \(inputs) to \(outputs) at \(width)x\(height)"
        case .linear(let inputs, let outputs, let rows, _):
            "linear \(inputs) to \(outputs), \(rows) rows"
        case .gated(let inputs, let outputs, let rows, _):
            "gated linear \(inputs) to \(outputs), \(rows) rows"
        case .attention(let heads, let rows, let keys, _):
            "attention \(heads) heads of 64, \(rows) by \(keys)"
        case .layerNorm(let channels, let rows, _): "layer norm \(channels), \(rows) rows"
        case .groupNorm(let channels, let rows, _): "group norm \(channels), \(rows) rows"
        }
    }

    var kind: OperationKind {
        switch self {
        case .convolution: .convolution
        case .linear, .gated: .linear
        case .attention: .attention
        case .layerNorm, .groupNorm: .norm
        }
    }

    var count: Int {
        switch self {
        case .convolution(_, _, _, _, _, let count), .linear(_, _, _, let count),
            .gated(_, _, _, let count), .attention(_, _, _, let count),
            .layerNorm(_, _, let count), .groupNorm(_, _, let count):
            count
        }
    }

    /// Multiplications and additions of one run.
    func operations(batch: Int) -> Double {
        switch self {
        case .convolution(let inputs, let outputs, let kernel, let height, let width, _):
            2 * Double(batch * height * width) * Double(inputs * outputs * kernel * kernel)
        case .linear(let inputs, let outputs, let rows, _):
            2 * Double(batch * rows) * Double(inputs * outputs)
        case .gated(let inputs, let outputs, let rows, _):
            4 * Double(batch * rows) * Double(inputs * outputs)
        case .attention(let heads, let rows, let keys, _):
            4 * Double(batch * rows) * Double(keys * heads * 64)
        case .layerNorm(let channels, let rows, _), .groupNorm(let channels, let rows, _):
            8 * Double(batch * rows * channels)
        }
    }

    /// Makes weights and inputs; the closure runs the operation once.
    func prepare(batch: Int, in compute: Compute) throws -> () throws -> Void {
        switch self {
        case .convolution(let inputs, let outputs, let kernel, let height, let width, _):
            let weights = try ConvolutionWeights(
                .random([outputs, inputs, kernel, kernel], seed: 1, in: compute),
                bias: .random([outputs], seed: 2, in: compute), in: compute)
            let x = try compute.random([batch, height, width, inputs])
            return {
                _ = try compute.convolution2D(x, weights)
            }
        case .linear(let inputs, let outputs, let rows, _):
            return try product(inputs, outputs, rows: batch * rows, gated: false, compute)
        case .gated(let inputs, let outputs, let rows, _):
            return try product(inputs, outputs, rows: batch * rows, gated: true, compute)
        case .attention(let heads, let rows, let keys, _):
            let q = try compute.random([batch, rows, heads * 64])
            let k = try compute.random([batch, keys, heads * 64])
            let v = try compute.random([batch, keys, heads * 64])
            return {
                _ = try compute.attention(q, k, v, heads: heads)
            }
        case .layerNorm(let channels, let rows, _):
            return try norm(channels, rows: rows, batch: batch, groups: nil, compute)
        case .groupNorm(let channels, let rows, _):
            return try norm(channels, rows: rows, batch: batch, groups: 32, compute)
        }
    }

    private func product(
        _ inputs: Int, _ outputs: Int, rows: Int, gated: Bool, _ compute: Compute
    ) throws -> () throws -> Void {
        let columns = gated ? 2 * outputs : outputs
        let weights = try LinearWeights(
            .random([columns, inputs], seed: 1, in: compute),
            bias: .random([columns], seed: 2, in: compute), gated: gated, in: compute)
        let x = try compute.random([rows, inputs])
        return {
            _ = try compute.linear(x, weights)
        }
    }

    private func norm(
        _ channels: Int, rows: Int, batch: Int, groups: Int?, _ compute: Compute
    ) throws -> () throws -> Void {
        let weights = try NormWeights(
            .random([channels], seed: 1, in: compute), .random([channels], seed: 2, in: compute))
        let x = try compute.random([batch, rows, channels])
        return {
            if let groups {
                _ = try compute.groupNorm(x, weights, groups: groups, silu: true)
            } else {
                _ = try compute.layerNorm(x, weights)
            }
        }
    }
}
