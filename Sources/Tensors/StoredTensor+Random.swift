import CKernels

extension StoredTensor {
    /// Synthetic weights spread evenly over -bound...bound, for benchmarks without a checkpoint.
    /// `bound` nil is 1 / sqrt(inputs), as fresh PyTorch layers have it. f8 is not offered.
    public static func random(
        _ shape: [Int], as type: ElementType = .bfloat16, seed: UInt64, bound: Float? = nil,
        in compute: Compute
    ) throws -> StoredTensor {
        let type = type.byteCount == 1 ? .bfloat16 : type
        let count = shape.reduce(1, *)
        let bytes = StoredBytes(byteCount: count * type.byteCount)
        let inputs = Float(max(1, shape.dropFirst().reduce(1, *)))
        try compute.run(.prepare) {
            ck_fill_random(
                compute.pool, bytes.pointer, type.code, count, seed,
                bound ?? 1 / inputs.squareRoot())
        }
        return StoredTensor(
            pointer: UnsafeRawPointer(bytes.pointer), elementType: type, shape: shape,
            owner: bytes)
    }
}
