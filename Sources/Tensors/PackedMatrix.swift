import CKernels

/// Weights in the kernels' blocked layout, in the precision of the `Compute` that made them.
///
/// @unchecked Sendable: written only while it is made, by the operation that makes it.
final class PackedMatrix: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
    let precision: Precision
    /// Set where the memory is that of activations.
    private let block: ArenaBlock?

    /// `arena` nil takes memory from the system.
    init(
        precision: Precision, outputs: Int, inputs: Int, taps: Int, arena: Arena?
    ) throws(TensorError) {
        byteCount = ck_packed_bytes(precision.code, outputs, inputs, taps)
        self.precision = precision
        (pointer, block) = try packedMemory(byteCount, arena)
    }

    deinit { if block == nil { ck_release(pointer, byteCount) } }
}

/// Memory for prepared weights: their own, or some of the activations'.
func packedMemory(
    _ byteCount: Int, _ arena: Arena?
) throws(TensorError) -> (UnsafeMutableRawPointer, ArenaBlock?) {
    if let arena {
        let block = try arena.allocate(byteCount)
        return (block.pointer, block)
    }
    guard let memory = ck_allocate(byteCount) else { throw .outOfMemory(bytes: byteCount) }
    return (memory, nil)
}
