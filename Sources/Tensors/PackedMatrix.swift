import CKernels

/// Weights in the kernels' blocked layout, in the precision of the `Compute` that made them.
final class PackedMatrix: Sendable {
    let memory: PackedMemory
    let precision: Precision

    var pointer: UnsafeMutableRawPointer { memory.pointer }
    var byteCount: Int { memory.byteCount }

    init(
        precision: Precision, outputs: Int, inputs: Int, taps: Int, _ place: PackedMemory.Place
    ) throws(TensorError) {
        self.precision = precision
        memory = try .take(ck_packed_bytes(precision.code, outputs, inputs, taps), place)
    }
}
