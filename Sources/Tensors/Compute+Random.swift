import CKernels

extension Compute {
    /// Synthetic activations spread evenly over -1...1, for benchmarks.
    func random(_ shape: [Int], seed: UInt64 = 3) throws -> Tensor {
        let result = try tensor(shape)
        try run(.other) {
            ck_fill_random(pool, result.pointer, result.precision.code, result.count, seed, 1)
        }
        return result
    }
}
