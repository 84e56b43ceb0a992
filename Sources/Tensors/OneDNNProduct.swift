import CKernels
import COneDNN
import Synchronization

/// A product compiled by oneDNN: weights in its layout, and one block per shape met.
///
/// @unchecked Sendable: the weights are written only by the initialiser and `blocks` is guarded
/// by its lock.
final class OneDNNProduct: @unchecked Sendable {
    /// A compiled block; oneDNN lets several threads run it at once.
    ///
    /// @unchecked Sendable: neither member changes after the initialiser.
    final class Block: @unchecked Sendable {
        let pointer: OpaquePointer
        let scratchBytes: Int

        init?(_ shape: od_shape, like: Block?) {
            var shape = shape
            guard let pointer = od_create(&shape, like?.pointer) else { return nil }
            self.pointer = pointer
            scratchBytes = od_scratch_bytes(pointer)
        }

        deinit { od_destroy(pointer) }
    }

    /// What tells blocks of one product apart.
    private struct Key: Hashable {
        var inHeight: Int
        var inWidth: Int
        var padTop: Int32
        var padBottom: Int32
        var hasResidual: Bool
        var activation: Int32
        var outType: Int32

        init(_ shape: od_shape) {
            inHeight = shape.in_height
            inWidth = shape.in_width
            padTop = shape.pad_top
            padBottom = shape.pad_bottom
            hasResidual = shape.has_residual != 0
            activation = shape.activation
            outType = shape.out_type
        }
    }

    /// More shapes than one network meets; beyond them the blocks are compiled anew.
    private static let capacity = 64
    let weights: UnsafeMutableRawPointer
    let byteCount: Int
    private let canonical: Block
    private let blocks = Mutex<[Key: Block]>([:])

    /// Brings dense weights of the block's type into oneDNN's layout; nil when oneDNN has no code
    /// for this product on this machine.
    init?(_ shape: od_shape, dense: UnsafeRawPointer) throws(TensorError) {
        guard let canonical = Block(shape, like: nil) else { return nil }
        byteCount = od_weights_bytes(canonical.pointer)
        guard let memory = ck_allocate(byteCount) else { throw .outOfMemory(bytes: byteCount) }
        weights = memory
        self.canonical = canonical
        guard od_reorder(canonical.pointer, dense, weights) == 0 else { return nil }
    }

    deinit { ck_release(weights, byteCount) }

    /// The block of a shape, compiled when it is first met.
    func block(_ shape: od_shape) throws(TensorError) -> Block {
        let key = Key(shape)
        if let known = blocks.withLock({ $0[key] }) { return known }
        guard let block = Block(shape, like: canonical) else {
            throw .unsupported(operation: "oneDNN product")
        }
        blocks.withLock { blocks in
            if blocks.count >= Self.capacity { blocks.removeAll() }
            blocks[key] = block
        }
        return block
    }
}
