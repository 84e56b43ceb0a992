import CKernels
import COneDNN
import Synchronization

/// The tiles of one product on oneDNN: each is one block on one thread.
///
/// @unchecked Sendable: `failed` is atomic, the rest never changes while workers read it; the
/// tiles write to separate rows of the result.
final class OneDNNRun: @unchecked Sendable {
    /// One block with its operands.
    struct Tile {
        var block: OneDNNProduct.Block
        var source: UnsafeRawPointer
        var bias: UnsafePointer<Float>?
        var residual: UnsafeRawPointer?
        var result: UnsafeMutableRawPointer
    }

    private let weights: UnsafeRawPointer
    private let tiles: [Tile]
    private let failed = Atomic<Bool>(false)

    init(weights: UnsafeRawPointer, tiles: [Tile]) {
        self.weights = weights
        self.tiles = tiles
    }

    /// The status of the pool, or 3 when oneDNN failed.
    func run(on pool: OpaquePointer) -> Int32 {
        let scratch = tiles.map(\.block.scratchBytes).max() ?? 0
        let status = ck_pool_run(
            pool, tiles.count,
            { work, tile, scratch in
                guard let work else { return }
                let run = Unmanaged<OneDNNRun>.fromOpaque(work).takeUnretainedValue()
                run.run(tile, scratch)
            }, Unmanaged.passUnretained(self).toOpaque(), scratch + 64)
        return failed.load(ordering: .relaxed) ? 3 : status
    }

    private func run(_ index: Int, _ scratch: UnsafeMutableRawPointer?) {
        let tile = tiles[index]
        var operands = od_operands()
        operands.source = tile.source
        operands.weights = weights
        operands.bias = tile.bias
        operands.residual = tile.residual
        operands.result = tile.result
        operands.scratch = scratch
        if od_run(tile.block.pointer, &operands) != 0 {
            failed.store(true, ordering: .relaxed)
        }
    }
}
