import CKernels

extension Compute {
    /// A tensor whose elements are not set.
    public func tensor(_ shape: [Int], _ precision: Precision? = nil) throws(TensorError) -> Tensor
    {
        let precision = precision ?? options.precision
        guard shape.allSatisfy({ $0 >= 0 }) else {
            throw .shapeMismatch(operation: "tensor", detail: "\(shape)")
        }
        let block = try arena.allocate(shape.reduce(1, *) * precision.byteCount)
        return Tensor(shape: shape, precision: precision, block: block)
    }

    /// A tensor with these elements, rounded to the precision; `floats` has as many as `shape`.
    public func tensor(
        from floats: [Float], _ shape: [Int], _ precision: Precision? = nil
    ) throws -> Tensor {
        let result = try tensor(shape, precision)
        guard result.count == floats.count else {
            throw TensorError.shapeMismatch(
                operation: "tensor", detail: "\(floats.count) elements for \(shape)")
        }
        try run(.other) {
            floats.withUnsafeBufferPointer {
                ck_convert(
                    pool, level.code, result.pointer, result.precision.code, $0.baseAddress,
                    Int32(CK_F32), result.count)
            }
        }
        return result
    }

    /// The elements as f32, row-major.
    public func floats(_ x: Tensor) throws -> [Float] {
        try [Float](unsafeUninitializedCapacity: x.count) { buffer, written in
            try run(.other) {
                ck_convert(
                    pool, level.code, buffer.baseAddress, Int32(CK_F32), x.pointer,
                    x.precision.code, x.count)
            }
            written = x.count
        }
    }

    /// The tensor in another precision; the same one when it has it already.
    public func converted(_ x: Tensor, to precision: Precision) throws -> Tensor {
        if x.precision == precision { return x }
        let result = try tensor(x.shape, precision)
        try run(.other) {
            ck_convert(
                pool, level.code, result.pointer, precision.code, x.pointer, x.precision.code,
                x.count)
        }
        return result
    }

    /// Planes [N, C, H, W] (or [N, C, L]) as a tensor [N, H, W, C] (or [N, L, C]).
    public func tensor(
        fromPlanes planes: [Float], _ shape: [Int], _ precision: Precision? = nil
    ) throws -> Tensor {
        guard shape.count >= 3, shape.reduce(1, *) == planes.count else {
            throw TensorError.shapeMismatch(
                operation: "tensor from planes", detail: "\(planes.count) elements for \(shape)")
        }
        let result = try tensor([shape[0]] + shape[2...] + [shape[1]], precision)
        let sizes = [shape[0], shape[1], shape[2...].reduce(1, *)]
        try run(.other) {
            planes.withUnsafeBufferPointer {
                ck_from_planes(pool, $0.baseAddress, result.pointer, result.precision.code, sizes)
            }
        }
        return result
    }

    /// A tensor [N, H, W, C] as planes [N, C, H, W] in f32.
    public func planes(_ x: Tensor) throws -> [Float] {
        guard x.shape.count >= 3 else {
            throw TensorError.shapeMismatch(operation: "planes", detail: "\(x.shape)")
        }
        let sizes = [x.shape[0], x.channels, x.shape[1..<x.shape.count - 1].reduce(1, *)]
        return try [Float](unsafeUninitializedCapacity: x.count) { buffer, written in
            try run(.other) {
                ck_to_planes(pool, x.pointer, x.precision.code, buffer.baseAddress, sizes)
            }
            written = x.count
        }
    }
}
