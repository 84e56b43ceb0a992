import CKernels

/// Weights as whole numbers of -127...127 in the kernels' blocked layout, one scale per output.
///
/// @unchecked Sendable: written only while it is made, by the operation that makes it.
final class Int8Matrix: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
    /// Per packed column: what one unit is worth; and per tap the sums of the units.
    let scales: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Int32>

    /// Set where the memory is that of activations.
    private let block: ArenaBlock?

    /// `arena` nil takes memory from the system.
    init(outputs: Int, inputs: Int, taps: Int, arena: Arena?) throws(TensorError) {
        byteCount = ck_packed_bytes(Int32(CK_I8), outputs, inputs, taps)
        (pointer, block) = try packedMemory(byteCount, arena)
        let columns = (outputs + 63) / 64 * 64
        scales = .allocate(capacity: columns)
        scales.initialize(repeating: 0, count: columns)
        sums = .allocate(capacity: columns * taps)
        sums.initialize(repeating: 0, count: columns * taps)
    }

    deinit {
        if block == nil { ck_release(pointer, byteCount) }
        scales.deallocate()
        sums.deallocate()
    }
}
