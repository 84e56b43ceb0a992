import CKernels

extension Compute {
    /// activation(x).
    public func activate(_ x: Tensor, _ activation: Activation) throws -> Tensor {
        try map(x, nil, scale: 1, yScale: 0, activation)
    }

    /// x + y, both of one shape and precision.
    public func add(_ x: Tensor, _ y: Tensor) throws -> Tensor {
        try map(x, y, scale: 1, yScale: 1, .none)
    }

    /// x * a + y * b in f32, rounded once.
    public func blend(_ x: Tensor, _ a: Float, _ y: Tensor, _ b: Float) throws -> Tensor {
        try map(x, y, scale: a, yScale: b, .none)
    }

    /// x * factor.
    public func scale(_ x: Tensor, by factor: Float) throws -> Tensor {
        try map(x, nil, scale: factor, yScale: 0, .none)
    }

    /// activation(x * scale + y * yScale).
    private func map(
        _ x: Tensor, _ y: Tensor?, scale: Float, yScale: Float, _ activation: Activation
    ) throws -> Tensor {
        guard y == nil || (y?.count == x.count && y?.precision == x.precision) else {
            throw TensorError.shapeMismatch(
                operation: "element-wise", detail: "\(x.shape) and \(y?.shape ?? [])")
        }
        let result = try tensor(x.shape, x.precision)
        var work = ck_map()
        work.x = UnsafeRawPointer(x.pointer)
        work.y = y.map { UnsafeRawPointer($0.pointer) }
        work.out = result.pointer
        work.type = x.precision.code
        work.count = x.count
        work.scale = scale
        work.y_scale = yScale
        work.activation = activation.code
        try withExtendedLifetime((x, y)) {
            try run(.other, operations: Double(x.count)) { ck_map_run(pool, level.code, &work) }
        }
        return result
    }

    /// [..., A] and [..., B] side by side as [..., A + B].
    public func concatenateChannels(_ parts: [Tensor]) throws -> Tensor {
        guard let first = parts.first,
            parts.allSatisfy({
                $0.shape.dropLast() == first.shape.dropLast() && $0.precision == first.precision
            })
        else {
            throw TensorError.shapeMismatch(
                operation: "concatenate channels", detail: "\(parts.map(\.shape))")
        }
        let channels = parts.map(\.channels).reduce(0, +)
        let result = try tensor(first.shape.dropLast() + [channels], first.precision)
        let size = first.precision.byteCount
        var offset = 0
        for part in parts {
            try copyRows(
                from: part.pointer, stride: part.channels * size, to: result.pointer + offset,
                stride: channels * size, rows: part.rows, bytes: part.channels * size)
            offset += part.channels * size
        }
        return result
    }

    /// Tensors of equal inner shape one after the other along the first dimension.
    public func concatenateEntries(_ parts: [Tensor]) throws -> Tensor {
        guard let first = parts.first,
            parts.allSatisfy({
                $0.shape.dropFirst() == first.shape.dropFirst() && $0.precision == first.precision
            })
        else {
            throw TensorError.shapeMismatch(
                operation: "concatenate entries", detail: "\(parts.map(\.shape))")
        }
        let entries = parts.map { $0.shape.first ?? 0 }.reduce(0, +)
        let result = try tensor([entries] + first.shape.dropFirst(), first.precision)
        var offset = 0
        for part in parts {
            result.pointer.advanced(by: offset).copyMemory(
                from: part.pointer, byteCount: part.byteCount)
            offset += part.byteCount
        }
        return result
    }

    /// Channels `range` of x [..., C] as a tensor of their own.
    public func channels(_ range: Range<Int>, of x: Tensor) throws -> Tensor {
        guard range.lowerBound >= 0, range.upperBound <= x.channels else {
            throw TensorError.shapeMismatch(operation: "channels", detail: "\(range) of \(x.shape)")
        }
        let result = try tensor(x.shape.dropLast() + [range.count], x.precision)
        let size = x.precision.byteCount
        try copyRows(
            from: x.pointer + range.lowerBound * size, stride: x.channels * size,
            to: result.pointer, stride: range.count * size, rows: x.rows,
            bytes: range.count * size)
        return result
    }

    /// [N, H, W, C] to [N, 2H, 2W, C], nearest neighbour.
    public func upsampleNearest2x(_ x: Tensor) throws -> Tensor {
        guard x.shape.count == 4 else {
            throw TensorError.shapeMismatch(operation: "upsample", detail: "\(x.shape)")
        }
        let result = try tensor(
            [x.shape[0], 2 * x.shape[1], 2 * x.shape[2], x.shape[3]], x.precision)
        try run(.other) {
            ck_upsample(pool, x.pointer, result.pointer, x.shape, x.precision.byteCount)
        }
        return result
    }

    /// Rows `ids` of a table as [ids.count, width].
    public func embeddingLookup(_ ids: [Int], _ weights: EmbeddingWeights) throws -> Tensor {
        guard ids.allSatisfy({ $0 >= 0 && $0 < weights.entries }) else {
            throw TensorError.shapeMismatch(
                operation: "embedding lookup", detail: "an id outside 0..<\(weights.entries)")
        }
        let result = try tensor([ids.count, weights.width])
        let row = weights.width * precision.byteCount
        let stored = weights.width * weights.table.elementType.byteCount
        for (number, id) in ids.enumerated() {
            try run(.other) {
                ck_convert(
                    pool, level.code, result.pointer + number * row, precision.code,
                    weights.table.pointer + id * stored, weights.table.elementType.code,
                    weights.width)
            }
        }
        return result
    }

    func copyRows(
        from source: UnsafeRawPointer, stride: Int, to destination: UnsafeMutableRawPointer,
        stride destinationStride: Int, rows: Int, bytes: Int
    ) throws {
        var work = ck_copy()
        work.source = source
        work.destination = destination
        work.rows = rows
        work.bytes = bytes
        work.source_stride = stride
        work.destination_stride = destinationStride
        try run(.other) {
            ck_copy_rows(pool, &work)
        }
    }
}
