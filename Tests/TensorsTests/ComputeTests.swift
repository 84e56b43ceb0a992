import CKernels
import Testing

@testable import Tensors

@Suite struct ComputeTests {
    private struct Cancelled: Error {}

    @Test func freedMemoryIsUsedAgain() throws {
        let compute = try Compute()
        var addresses: Set<UnsafeMutableRawPointer> = []
        for _ in 0..<5 {
            let x = try compute.tensor([1000, 100])
            let y = try compute.tensor([10, 10])
            addresses.insert(x.pointer)
            addresses.insert(y.pointer)
        }
        #expect(addresses.count == 2)
        #expect(compute.activationBytes == 0)
        #expect(compute.peakActivationBytes < 420_000)
    }

    @Test func freedNeighboursJoin() throws {
        let compute = try Compute()
        var parts = try (0..<4).map { _ in try compute.tensor([64]) }
        let first = parts[0].pointer
        parts.remove(at: 2)
        parts.remove(at: 0)
        parts.removeAll()
        let large = try compute.tensor([256])
        #expect(large.pointer == first)
    }

    @Test func viewsKeepTheirMemory() throws {
        let compute = try Compute()
        var view: Tensor? = try compute.tensor(from: [1, 2, 3, 4], [2, 2]).entries(1..<2)
        let other = try compute.tensor(from: [9, 9, 9, 9], [4])
        #expect(try view.map { try compute.floats($0) } == [3, 4])
        view = nil
        #expect(try compute.floats(other) == [9, 9, 9, 9])
    }

    @Test func memoryThatDoesNotExistIsRefused() throws {
        let compute = try Compute()
        #expect(throws: TensorError.self) { try compute.tensor([1 << 45]) }
    }

    @Test(arguments: [1, 3])
    func cancellationEndsAnOperation(threads: Int) throws {
        let compute = try Compute(ComputeOptions(threads: threads))
        let x = try compute.tensor(from: [Float](repeating: 1, count: 1 << 20), [1 << 20])
        var calls = 0
        compute.checkCancelled = {
            calls += 1
            if calls > 2 { throw Cancelled() }
        }
        // The workers may finish an operation before the caller asks again.
        #expect(throws: Cancelled.self) {
            for _ in 0..<3 { _ = try compute.activate(x, .silu) }
        }
        compute.checkCancelled = nil
        _ = try compute.activate(x, .silu)
    }

    @Test func theForcedLevelIsKept() throws {
        let compute = try Compute(ComputeOptions(level: .plain))
        #expect(compute.level == .plain)
        #expect(InstructionLevel(name: "avx512-bf16") == .avx512BF16)
        #expect(InstructionLevel(name: "sse") == nil)
    }

    @Test func profileCountsOperations() throws {
        let compute = try Compute()
        compute.isProfiling = true
        let weights = try LinearWeights(
            stored(Reference.numbers(12, seed: 1), [3, 4]), in: compute)
        _ = try compute.linear(compute.tensor([5, 4]), weights)
        #expect(compute.profile.entries[.linear]?.operations == 120)
        #expect(compute.profile.entries[.linear]?.calls == 1)
    }
}
