import CKernels

/// Weights as whole numbers of -127...127 in the kernels' blocked layout, one scale per output.
///
/// @unchecked Sendable: written only while it is made, by the operation that makes it.
final class Int8Matrix: @unchecked Sendable {
    let memory: PackedMemory
    /// Per packed column: what one unit is worth; and per tap the sums of the units.
    let scales: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Int32>

    var pointer: UnsafeMutableRawPointer { memory.pointer }
    var byteCount: Int { memory.byteCount }

    init(
        outputs: Int, inputs: Int, taps: Int, _ place: PackedMemory.Place
    ) throws(TensorError) {
        memory = try .take(ck_packed_bytes(Int32(CK_I8), outputs, inputs, taps), place)
        let columns = (outputs + 63) / 64 * 64
        scales = .allocate(capacity: columns)
        scales.initialize(repeating: 0, count: columns)
        sums = .allocate(capacity: columns * taps)
        sums.initialize(repeating: 0, count: columns * taps)
    }

    deinit {
        scales.deallocate()
        sums.deallocate()
    }
}
