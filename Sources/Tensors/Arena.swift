import CKernels
import Synchronization

/// Memory for activations: one reserved range of addresses, in which freed blocks are reused.
///
/// Blocks go to the lowest free place, so the pages touched are about those of the largest sum of
/// tensors alive at once, and a second job of the same shape touches no new page.
///
/// @unchecked Sendable: `state` is guarded by its lock and `base` never changes.
final class Arena: @unchecked Sendable {
    private struct State {
        /// Free ranges as (start, end) in bytes from `base`, ascending, never adjacent.
        var free: [Range<Int>]
        var used = 0
        var peak = 0
        var highest = 0
    }

    private static let alignment = 256
    let base: UnsafeMutableRawPointer
    let capacity: Int
    private let state: Mutex<State>

    init(capacity wanted: Int) throws(TensorError) {
        var capacity = wanted
        while true {
            if let memory = ck_reserve(capacity) {
                base = memory
                break
            }
            capacity /= 2
            if capacity < 1 << 20 { throw .outOfMemory(bytes: wanted) }
        }
        self.capacity = capacity
        state = Mutex(State(free: [0..<capacity]))
    }

    deinit { ck_release(base, capacity) }

    /// The most bytes that were in use at once.
    var peakBytes: Int { state.withLock { $0.peak } }

    /// The bytes in use.
    var usedBytes: Int { state.withLock { $0.used } }

    func allocate(_ byteCount: Int) throws(TensorError) -> ArenaBlock {
        let size = max(1, (byteCount + Self.alignment - 1) / Self.alignment) * Self.alignment
        let start = state.withLock { state -> Int? in
            guard let index = state.free.firstIndex(where: { $0.count >= size }) else {
                return nil
            }
            let range = state.free[index]
            if range.count == size {
                state.free.remove(at: index)
            } else {
                state.free[index] = range.lowerBound + size..<range.upperBound
            }
            state.used += size
            state.peak = max(state.peak, state.used)
            state.highest = max(state.highest, range.lowerBound + size)
            return range.lowerBound
        }
        guard let start else { throw .outOfMemory(bytes: byteCount) }
        return ArenaBlock(arena: self, start: start, size: size)
    }

    fileprivate func free(start: Int, size: Int) {
        state.withLock { state in
            state.used -= size
            var range = start..<start + size
            let next = state.free.firstIndex { $0.lowerBound >= range.upperBound }
            var index = next ?? state.free.count
            if let next, state.free[next].lowerBound == range.upperBound {
                range = range.lowerBound..<state.free[next].upperBound
                state.free.remove(at: next)
            }
            if index > 0, state.free[index - 1].upperBound == range.lowerBound {
                index -= 1
                range = state.free[index].lowerBound..<range.upperBound
                state.free.remove(at: index)
            }
            state.free.insert(range, at: index)
        }
    }

    /// Gives the pages of all free ranges back to the system.
    func trim() {
        state.withLock { state in
            for range in state.free {
                let end = min(range.upperBound, state.highest)
                if end > range.lowerBound {
                    ck_discard(base + range.lowerBound, end - range.lowerBound)
                }
            }
        }
    }
}

/// A part of an arena that returns to it when the last reference goes.
///
/// @unchecked Sendable: nothing of it changes, and returning it takes the arena's lock.
final class ArenaBlock: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    private let arena: Arena
    private let start: Int
    private let size: Int

    fileprivate init(arena: Arena, start: Int, size: Int) {
        self.arena = arena
        self.start = start
        self.size = size
        pointer = arena.base + start
    }

    deinit { arena.free(start: start, size: size) }
}
