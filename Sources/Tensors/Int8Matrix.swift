import CKernels

/// Weights as whole numbers of -127...127 in the kernels' blocked layout, one scale per output.
///
/// @unchecked Sendable: written only while it is made, by the operation that makes it.
final class Int8Matrix: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
    /// Per packed column: what one unit is worth, and the sum of the units.
    let scales: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Int32>

    init(outputs: Int, inputs: Int) throws(TensorError) {
        byteCount = ck_packed_bytes(Int32(CK_I8), outputs, inputs, 1)
        guard let memory = ck_allocate(byteCount) else { throw .outOfMemory(bytes: byteCount) }
        pointer = memory
        let columns = (outputs + 63) / 64 * 64
        scales = .allocate(capacity: columns)
        scales.initialize(repeating: 0, count: columns)
        sums = .allocate(capacity: columns)
        sums.initialize(repeating: 0, count: columns)
    }

    deinit {
        ck_release(pointer, byteCount)
        scales.deallocate()
        sums.deallocate()
    }
}
