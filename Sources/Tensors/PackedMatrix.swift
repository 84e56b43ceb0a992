import CKernels

/// Weights in the kernels' blocked layout, in the precision of the `Compute` that made them.
///
/// @unchecked Sendable: written only while it is made, by the operation that makes it.
final class PackedMatrix: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
    let precision: Precision

    init(precision: Precision, outputs: Int, inputs: Int, taps: Int) throws(TensorError) {
        byteCount = ck_packed_bytes(precision.code, outputs, inputs, taps)
        guard let memory = ck_allocate(byteCount) else { throw .outOfMemory(bytes: byteCount) }
        pointer = memory
        self.precision = precision
    }

    deinit { ck_release(pointer, byteCount) }
}
