/// A dense row-major array of activations; pictures are [N, H, W, C], sequences [B, S, C].
///
/// Not Sendable: it belongs to the actor that owns its `Compute`. Its memory returns to the arena
/// with the last reference.
public final class Tensor {
    public let shape: [Int]
    public let precision: Precision
    let block: ArenaBlock
    private let offset: Int

    init(shape: [Int], precision: Precision, block: ArenaBlock, offset: Int = 0) {
        self.shape = shape
        self.precision = precision
        self.block = block
        self.offset = offset
    }

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// Bytes of all elements.
    public var byteCount: Int { count * precision.byteCount }

    /// Size of the last dimension.
    public var channels: Int { shape.last ?? 1 }

    /// Number of rows of `channels` elements.
    public var rows: Int { shape.dropLast().reduce(1, *) }

    var pointer: UnsafeMutableRawPointer { block.pointer + offset }

    /// The same elements under another shape of the same count, without a copy.
    public func reshaped(_ shape: [Int]) throws(TensorError) -> Tensor {
        guard shape.reduce(1, *) == count else {
            throw .shapeMismatch(operation: "reshape", detail: "\(self.shape) to \(shape)")
        }
        return Tensor(shape: shape, precision: precision, block: block, offset: offset)
    }

    /// Entries `range` of the first dimension (pictures of a batch), without a copy.
    public func entries(_ range: Range<Int>) throws(TensorError) -> Tensor {
        guard let first = shape.first, range.lowerBound >= 0, range.upperBound <= first else {
            throw .shapeMismatch(operation: "entries", detail: "\(range) of \(shape)")
        }
        let entry = shape.dropFirst().reduce(1, *) * precision.byteCount
        return Tensor(
            shape: [range.count] + shape.dropFirst(), precision: precision, block: block,
            offset: offset + range.lowerBound * entry)
    }
}
