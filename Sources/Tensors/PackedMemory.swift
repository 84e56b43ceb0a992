import CKernels

/// The memory of prepared weights, which the weights that take their place may use again: taking
/// new pages from the system costs as much time as filling them.
///
/// @unchecked Sendable: written only by the operation that prepares weights in it.
public final class PackedMemory: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
    /// Set where the memory is that of activations.
    private let block: ArenaBlock?

    /// `arena` nil takes memory from the system.
    private init(_ byteCount: Int, _ arena: Arena?) throws(TensorError) {
        self.byteCount = byteCount
        if let arena {
            let block = try arena.allocate(byteCount)
            (pointer, self.block) = (block.pointer, block)
            return
        }
        guard let memory = ck_allocate(byteCount) else { throw .outOfMemory(bytes: byteCount) }
        (pointer, block) = (memory, nil)
    }

    deinit { if block == nil { ck_release(pointer, byteCount) } }

    /// Where prepared weights may lie.
    enum Place {
        /// Memory of their own, or else `spare` where it has their size.
        case own(spare: PackedMemory?)
        /// Among the activations.
        case activations(Arena)
    }

    static func take(_ byteCount: Int, _ place: Place) throws(TensorError) -> PackedMemory {
        switch place {
        case .own(let spare?) where spare.byteCount == byteCount: spare
        case .own: try PackedMemory(byteCount, nil)
        case .activations(let arena): try PackedMemory(byteCount, arena)
        }
    }
}
