import CKernels
import COneDNN

extension Compute {
    /// Rows per block of a linear layer, and output pixels per band of a convolution.
    private static let blockRows = 512
    private static let bandPixels = 2048

    /// Compiles a product for oneDNN from parts whose outputs follow each other; nil when it has
    /// no code for it here.
    func oneDNNProduct(
        _ parts: [StoredTensor], hasBias: Bool, stride: Int = 1
    ) throws -> OneDNNProduct? {
        guard let weight = parts.first else { return nil }
        var shape = od_shape()
        shape.type = precision.code
        shape.out_type = precision.code
        shape.outputs = parts.map { $0.shape[0] }.reduce(0, +)
        shape.has_bias = hasBias ? 1 : 0
        shape.stride = Int32(stride)
        shape.kernel_height = weight.shape.count == 4 ? Int32(weight.shape[2]) : 1
        shape.kernel_width = weight.shape.count == 4 ? Int32(weight.shape[3]) : 1
        let taps = Int(shape.kernel_height * shape.kernel_width)
        shape.inputs = weight.shape.dropFirst().reduce(1, *) / taps
        // A block in the middle of a picture, typical of those that will run.
        shape.out_height = 8
        shape.out_width = 64
        shape.in_height = 7 * stride + Int(shape.kernel_height)
        shape.in_width = 63 * stride + Int(shape.kernel_width)
        let dense = try tensor([parts.map(\.count).reduce(0, +)])
        var offset = 0
        for part in parts {
            try run(.prepare) {
                ck_convert(
                    pool, level.code, dense.pointer + offset, precision.code, part.pointer,
                    part.elementType.code, part.count)
            }
            offset += part.count * precision.byteCount
        }
        return try withExtendedLifetime(dense) {
            try OneDNNProduct(shape, dense: UnsafeRawPointer(dense.pointer))
        }
    }

    /// A linear layer and what follows it; a gate or a residual of another precision comes after.
    func oneDNNLinear(
        _ x: Tensor, _ weights: LinearWeights, _ product: OneDNNProduct, activation: Activation,
        residual: Tensor?, into result: Tensor
    ) throws -> Tensor {
        if weights.isGated {
            let both = try tensor(x.shape.dropLast() + [2 * weights.outputs], result.precision)
            try linearBlocks(x, weights, product, activation: .none, residual: nil, into: both)
            let gated = try gate(both)
            return try residual.map { try add(gated, converted($0, to: gated.precision)) } ?? gated
        }
        let added = try residual.map { try converted($0, to: result.precision) }
        try linearBlocks(
            x, weights, product, activation: activation, residual: added, into: result)
        return result
    }

    /// Blocks of rows that never cross an entry of the batch.
    private func linearBlocks(
        _ x: Tensor, _ weights: LinearWeights, _ product: OneDNNProduct, activation: Activation,
        residual: Tensor?, into result: Tensor
    ) throws {
        let bias = weights.plainBias
        let entries = x.shape.count > 1 ? x.shape[0] : 1
        let rows = x.rows / max(entries, 1)
        var shape = od_shape()
        shape.type = x.precision.code
        shape.out_type = result.precision.code
        shape.inputs = x.channels
        shape.outputs = result.channels
        shape.kernel_height = 1
        shape.kernel_width = 1
        shape.stride = 1
        shape.in_height = 1
        shape.out_height = 1
        shape.has_bias = bias == nil ? 0 : 1
        shape.has_residual = residual == nil ? 0 : 1
        shape.activation = activation.code
        var tiles: [OneDNNRun.Tile] = []
        for first in stride(from: 0, to: entries * rows, by: max(rows, 1)) {
            for start in stride(from: first, to: first + rows, by: Self.blockRows) {
                shape.in_width = min(Self.blockRows, first + rows - start)
                shape.out_width = shape.in_width
                tiles.append(
                    try tile(
                        shape, product, bias?.pointer, (x, start), residual, (result, start)))
            }
        }
        try withExtendedLifetime((x, residual, result)) {
            try finish(tiles, product, .linear, operations: 2 * Double(result.count * x.channels))
        }
    }

    /// A convolution: bands of output rows of each picture.
    func oneDNNConvolution(
        _ x: Tensor, _ weights: ConvolutionWeights, _ product: OneDNNProduct,
        _ padding: ConvolutionPadding,
        channelBias: Tensor?, activation: Activation, residual original: Tensor?,
        into result: Tensor
    ) throws {
        let residual = try original.map { try converted($0, to: result.precision) }
        let biases = try biases(weights, channelBias, pictures: x.shape[0])
        var shape = blockShape(of: weights, padding, x, result)
        shape.has_residual = residual == nil ? 0 : 1
        shape.activation = activation.code
        let (height, outHeight) = (x.shape[1], result.shape[1])
        let band = max(1, Self.bandPixels / max(1, result.shape[2]))
        var tiles: [OneDNNRun.Tile] = []
        for picture in 0..<x.shape[0] {
            for top in stride(from: 0, to: outHeight, by: band) {
                shape.out_height = min(band, outHeight - top)
                let from = top * weights.stride - padding.top
                let end = from + (shape.out_height - 1) * weights.stride + weights.kernelHeight
                let first = max(0, from)
                shape.pad_top = Int32(first - from)
                shape.pad_bottom = Int32(max(0, end - height))
                shape.in_height = min(end, height) - first
                tiles.append(
                    try tile(
                        shape, product, biases[picture].pointer,
                        (x, (picture * height + first) * x.shape[2]), residual,
                        (result, (picture * outHeight + top) * result.shape[2])))
            }
        }
        let taps = weights.kernelHeight * weights.kernelWidth
        try withExtendedLifetime((x, biases, residual, result)) {
            try finish(
                tiles, product, .convolution,
                operations: 2 * Double(result.count * x.channels * taps))
        }
    }

    /// What all bands of a convolution share.
    private func blockShape(
        of weights: ConvolutionWeights, _ padding: ConvolutionPadding, _ x: Tensor,
        _ result: Tensor
    ) -> od_shape {
        var shape = od_shape()
        shape.type = x.precision.code
        shape.out_type = result.precision.code
        shape.inputs = x.channels
        shape.outputs = result.channels
        shape.kernel_height = Int32(weights.kernelHeight)
        shape.kernel_width = Int32(weights.kernelWidth)
        shape.stride = Int32(weights.stride)
        shape.has_bias = 1
        shape.in_width = x.shape[2]
        shape.out_width = result.shape[2]
        shape.pad_left = Int32(padding.left)
        shape.pad_right = Int32(padding.right)
        return shape
    }

    /// The bias of each picture: the layer's own plus the picture's.
    private func biases(
        _ weights: ConvolutionWeights, _ channelBias: Tensor?, pictures: Int
    ) throws -> [FloatVector] {
        let own =
            weights.bias.map { bias in (0..<weights.outputs).map { bias.pointer[$0] } }
            ?? [Float](repeating: 0, count: weights.outputs)
        guard let channelBias else {
            return [FloatVector](repeating: FloatVector(own), count: pictures)
        }
        let added = try floats(channelBias)
        return (0..<pictures).map { picture in
            FloatVector(own.indices.map { own[$0] + added[picture * own.count + $0] })
        }
    }

    private func tile(
        _ shape: od_shape, _ product: OneDNNProduct, _ bias: UnsafePointer<Float>?,
        _ source: (tensor: Tensor, row: Int), _ residual: Tensor?,
        _ result: (tensor: Tensor, row: Int)
    ) throws -> OneDNNRun.Tile {
        let input = source.tensor.channels * source.tensor.precision.byteCount
        let output = result.row * result.tensor.channels * result.tensor.precision.byteCount
        return OneDNNRun.Tile(
            block: try product.block(shape),
            source: UnsafeRawPointer(source.tensor.pointer + source.row * input), bias: bias,
            residual: residual.map { UnsafeRawPointer($0.pointer + output) },
            result: result.tensor.pointer + output)
    }

    private func finish(
        _ tiles: [OneDNNRun.Tile], _ product: OneDNNProduct, _ kind: OperationKind,
        operations: Double
    ) throws {
        let work = OneDNNRun(weights: UnsafeRawPointer(product.weights), tiles: tiles)
        try run(kind, operations: operations) { work.run(on: pool) }
    }

    /// value * gelu(gate) for x [..., 2 F] with the values first; returns [..., F].
    func gate(_ x: Tensor) throws -> Tensor {
        let result = try tensor(x.shape.dropLast() + [x.channels / 2], x.precision)
        var work = ck_gate()
        work.x = UnsafeRawPointer(x.pointer)
        work.out = result.pointer
        work.type = x.precision.code
        work.rows = x.rows
        work.columns = result.channels
        try withExtendedLifetime(x) {
            try run(.other, operations: Double(x.count)) { ck_gate_run(pool, level.code, &work) }
        }
        return result
    }
}
