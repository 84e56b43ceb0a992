import CKernels
import Foundation
import Tensors
import Testing

@Suite struct Int8Tests {
    /// x and w rounded to whole units as the kernels do, multiplied in Double.
    private func expected(
        _ x: [Float], _ w: [Float], _ bias: [Float], inputs: Int, outputs: Int
    ) -> [Double] {
        func rounded(_ values: [Float]) -> [Float] {
            stride(from: 0, to: values.count, by: inputs).flatMap { start -> [Float] in
                let row = values[start..<start + inputs]
                let highest = row.map(abs).max() ?? 0
                let factor = highest > 0 ? 127 / highest : 0
                return row.map { ($0 * factor).rounded(.toNearestOrEven) * (highest / 127) }
            }
        }
        return Reference.linear(rounded(x), rounded(w), bias, inputs: inputs, outputs: outputs)
    }

    @Test(arguments: Precision.allCases)
    func quantizedLayerEqualsItsRoundedSelf(precision: Precision) throws {
        let compute = try Compute(ComputeOptions(threads: 2, precision: precision))
        guard compute.hasInt8 else { return }
        for (rows, inputs, outputs) in [(1, 1, 1), (5, 33, 17), (200, 64, 70), (3, 6503, 20)] {
            let x = Reference.rounded(Reference.numbers(rows * inputs, seed: 1))
            let w = Reference.numbers(outputs * inputs, seed: 2)
            let bias = Reference.numbers(outputs, seed: 3)
            let weights = try LinearWeights(
                stored(w, [outputs, inputs]), bias: stored(bias, [outputs]), quantized: true,
                in: compute)
            let y = try compute.linear(
                compute.tensor(from: x, [rows, inputs]), weights, as: .float32)
            let want = expected(x, w, bias, inputs: inputs, outputs: outputs)
            let distance = Reference.distance(try compute.floats(y), want)
            // A value halfway between two units may go either way: one unit of one product.
            #expect(distance < 2e-2, "\(rows)x\(inputs)x\(outputs)")
        }
    }

    @Test func quantizedGateStaysNearTheExactOne() throws {
        let compute = try Compute(ComputeOptions(precision: .bfloat16))
        guard compute.hasInt8 else { return }
        let (rows, inputs, outputs) = (70, 96, 40)
        let x = try compute.tensor(from: Reference.numbers(rows * inputs, seed: 1), [rows, inputs])
        let w = stored(
            Reference.numbers(2 * outputs * inputs, seed: 2).map { $0 / 8 }, [2 * outputs, inputs])
        let exact = try compute.floats(
            compute.linear(x, LinearWeights(w, gated: true, in: compute)))
        let rounded = try compute.floats(
            compute.linear(x, LinearWeights(w, gated: true, quantized: true, in: compute)))
        let error = zip(exact, rounded).map { pow(Double($0 - $1), 2) }.reduce(0, +)
        let power = exact.map { pow(Double($0), 2) }.reduce(0, +)
        #expect(error / power < 1e-3)
    }

    @Test func threadsChangeNoBit() throws {
        let inputs = 129, outputs = 75, rows = 31
        let x = Reference.rounded(Reference.numbers(rows * inputs, seed: 1))
        let w = stored(Reference.numbers(outputs * inputs, seed: 2), [outputs, inputs])
        var results: [[Float]] = []
        for threads in [1, 3] {
            let compute = try Compute(ComputeOptions(threads: threads))
            let weights = try LinearWeights(w, quantized: true, in: compute)
            results.append(
                try compute.floats(
                    compute.linear(compute.tensor(from: x, [rows, inputs]), weights)))
        }
        #expect(results[0] == results[1])
    }
}
