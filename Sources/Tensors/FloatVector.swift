/// A short row of f32 parameters (bias, gamma, beta), padded with zeros to a multiple of 64.
///
/// @unchecked Sendable: written only by its initialiser.
final class FloatVector: @unchecked Sendable {
    let count: Int
    private let memory: UnsafeMutablePointer<Float>

    var pointer: UnsafePointer<Float> { UnsafePointer(memory) }

    init(_ floats: [Float]) {
        count = floats.count
        let padded = (floats.count + 63) / 64 * 64
        memory = UnsafeMutableRawPointer.allocate(byteCount: max(padded, 64) * 4, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(padded, 64))
        memory.initialize(repeating: 0, count: max(padded, 64))
        for (index, value) in floats.enumerated() { memory[index] = value }
    }

    deinit { UnsafeMutableRawPointer(memory).deallocate() }
}
