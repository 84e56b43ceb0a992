import Testing

@testable import Tensors

@Suite("weights that change") struct WeightChangeTests {
    private let inputs = 70
    private let outputs = 130

    /// Kept weights, the result of one run with them, and where they lie.
    private func run(
        seed: UInt64, change: LowRankChange?, over spare: PackedMemory?, _ compute: Compute
    ) throws -> (weights: LinearWeights, result: [Float], place: UnsafeMutableRawPointer?) {
        var weight = stored(Reference.numbers(outputs * inputs, seed: seed), [outputs, inputs])
        if let change { weight = weight.merging { _, _ in .lowRank(change) } }
        let weights = try LinearWeights(weight, residence: .kept, over: spare, in: compute)
        let x = try compute.tensor(from: Reference.numbers(3 * inputs, seed: 9), [3, inputs])
        let result = try compute.floats(compute.linear(x, weights, as: .float32))
        return (weights, result, try weights.product.product(in: compute).memory?.pointer)
    }

    private var change: LowRankChange {
        LowRankChange(
            up: Reference.numbers(outputs * 2, seed: 5),
            down: Reference.numbers(2 * inputs, seed: 6))
    }

    @Test("weights use the memory of those whose place they take", arguments: Setting.best)
    func memory(setting: Setting) throws {
        let compute = try setting.compute()
        let expected = try run(seed: 2, change: change, over: nil, compute)
        let former = try run(seed: 1, change: nil, over: nil, compute)
        let spare = former.weights.giveUp()
        #expect(former.weights.byteCount == 0)
        let latter = try run(seed: 2, change: change, over: spare, compute)
        #expect(latter.place == former.place)
        #expect(latter.result == expected.result)
        // The former weights may still run: in memory of their own.
        let again = try former.weights.product.product(in: compute)
        #expect(again.memory?.pointer != latter.place)
    }

    @Test("memory that waits to be used counts, and is given back when weights are dropped")
    func waiting() throws {
        let compute = try Setting.best[0].compute()
        let former = try run(seed: 1, change: nil, over: nil, compute)
        let held = former.weights.byteCount
        let waiting = try LinearWeights(
            stored(Reference.numbers(outputs * inputs, seed: 2), [outputs, inputs]),
            residence: .kept, over: former.weights.giveUp(), in: compute)
        #expect(waiting.byteCount == held)
        #expect(waiting.drop() == held)
        #expect(waiting.byteCount == 0)
    }

    @Test("a change that does not fit the weights is refused")
    func misfit() throws {
        let compute = try Setting.best[0].compute()
        let wrong = LowRankChange(up: [1, 2, 3], down: [1])
        #expect(throws: TensorError.self) {
            _ = try run(seed: 1, change: wrong, over: nil, compute)
        }
    }
}
