import CKernels

extension Compute {
    /// A stored weight [outputs, ...] with a change, summed in f32 and rounded to `precision`, or
    /// else to this one.
    public func merged(
        _ base: StoredTensor, _ change: LowRankChange, as precision: Precision? = nil
    ) throws -> StoredTensor {
        let precision = precision ?? self.precision
        try change.check(against: base.shape)
        let bytes = StoredBytes(byteCount: base.count * precision.byteCount)
        var work = ck_merge()
        work.out = bytes.pointer
        work.out_type = precision.code
        work.base = base.pointer
        work.base_type = base.elementType.code
        work.rows = base.shape[0]
        work.columns = base.count / work.rows
        try run(.prepare) {
            change.withKernelChange(rows: work.rows) {
                work.change = $0
                return ck_merge_low_rank(pool, level.code, &work)
            }
        }
        return StoredTensor(
            pointer: UnsafeRawPointer(bytes.pointer), elementType: precision.elementType,
            shape: base.shape, owner: bytes)
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
