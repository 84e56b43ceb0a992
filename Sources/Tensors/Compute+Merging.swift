import CKernels

extension Compute {
    /// A stored weight with a product of low rank on top, `base + up * down`, summed in f32 and
    /// rounded to `precision`, or else to this one.
    ///
    /// - Parameters:
    ///   - base: [outputs, ...]; everything behind the first dimension is one row.
    ///   - up: [outputs, rank], row by row.
    ///   - down: [rank, row], row by row.
    ///   - temporary: whether the result is read once and lies among the activations, so that
    ///     merging a whole network takes no new page of memory for each weight.
    public func merged(
        _ base: StoredTensor, up: [Float], down: [Float], as precision: Precision? = nil,
        temporary: Bool = false
    ) throws -> StoredTensor {
        let precision = precision ?? self.precision
        let rows = base.shape.first ?? 0
        let columns = base.shape.dropFirst().reduce(1, *)
        guard rows > 0, columns > 0, !up.isEmpty, up.count % rows == 0,
            up.count / rows * columns == down.count
        else {
            throw TensorError.shapeMismatch(
                operation: "merging", detail: "\(base.shape), \(up.count), \(down.count)")
        }
        let (pointer, owner) = try room(base.count * precision.byteCount, temporary: temporary)
        var work = ck_merge()
        work.out = pointer
        work.out_type = precision.code
        work.base = base.pointer
        work.base_type = base.elementType.code
        (work.rows, work.columns, work.rank) = (rows, columns, up.count / rows)
        try run(.prepare) {
            up.withUnsafeBufferPointer { up in
                down.withUnsafeBufferPointer { down in
                    work.up = up.baseAddress
                    work.down = down.baseAddress
                    return ck_merge_low_rank(pool, level.code, &work)
                }
            }
        }
        return StoredTensor(
            pointer: UnsafeRawPointer(pointer), elementType: precision.elementType,
            shape: base.shape, owner: owner)
    }

    /// Memory for a result, and what keeps it.
    private func room(
        _ byteCount: Int, temporary: Bool
    ) throws -> (pointer: UnsafeMutableRawPointer, owner: any AnyObject & Sendable) {
        if temporary {
            let block = try arena.allocate(byteCount)
            return (block.pointer, block)
        }
        let bytes = StoredBytes(byteCount: byteCount)
        return (bytes.pointer, bytes)
    }

    /// The elements of a stored weight in f32, converted on all threads.
    public func floats(of stored: StoredTensor) throws -> [Float] {
        let count = stored.count
        guard count > 0 else { return [] }
        var failure: (any Error)?
        let values = [Float](unsafeUninitializedCapacity: count) { buffer, written in
            do {
                try run(.prepare) {
                    ck_convert(
                        pool, level.code, buffer.baseAddress, Precision.float32.code,
                        stored.pointer, stored.elementType.code, count)
                }
                written = count
            } catch { failure = error }
        }
        if let failure { throw failure }
        return values
    }
}

extension Precision {
    /// Elements of this precision in a file.
    var elementType: ElementType { self == .float32 ? .float32 : .bfloat16 }
}
