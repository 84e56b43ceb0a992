import Tensors

/// Random weights of any shape, for measurements that need a model's size and not its meaning.
///
/// All tensors are views of one block of bfloat16 numbers, so that a network of billions of
/// parameters is made in a second and costs no memory beside its prepared layers.
final class RandomWeights: @unchecked Sendable {
    // Unchecked: `block` is written by the initialiser only; the views keep it alive.

    private let block: UnsafeMutableBufferPointer<UInt16>

    /// - Parameters:
    ///   - largest: elements of the largest tensor that will be asked for.
    ///   - deviation: standard deviation of the numbers.
    init(largest: Int, deviation: Float = 0.02) {
        block = .allocate(capacity: max(largest, 1))
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        // Uniform numbers of the wanted deviation; a distribution's tails do not change speed.
        let scale = deviation * Float(3).squareRoot() / Float(1 << 23)
        for index in 0..<block.count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Float(Int32(truncatingIfNeeded: state >> 40) &- (1 << 23)) * scale
            block[index] = UInt16(truncatingIfNeeded: value.bitPattern >> 16)
        }
    }

    deinit {
        block.deallocate()
    }

    /// A tensor of `shape`; scales and shifts come from the same numbers.
    func tensor(_ shape: [Int]) -> StoredTensor? {
        guard shape.reduce(1, *) <= block.count, let base = block.baseAddress else { return nil }
        return StoredTensor(
            pointer: UnsafeRawPointer(base), elementType: .bfloat16, shape: shape, owner: self)
    }
}
