import CKernels
import Foundation
import Tensors
import Testing

@Suite struct Int8Tests {
    /// x and w rounded to whole units as the kernels do, multiplied in Double.
    private func expected(
        _ x: [Float], _ w: [Float], _ bias: [Float], inputs: Int, outputs: Int
    ) -> [Double] {
        Reference.linear(
            rounded(x, by: inputs), rounded(w, by: inputs), bias, inputs: inputs, outputs: outputs)
    }

    /// Rows of `length` as whole multiples of their highest value's 127th part.
    private func rounded(_ values: [Float], by length: Int) -> [Float] {
        stride(from: 0, to: values.count, by: length).flatMap { start -> [Float] in
            let row = values[start..<start + length]
            let highest = row.map(abs).max() ?? 0
            let factor = highest > 0 ? 127 / highest : 0
            return row.map { ($0 * factor).rounded(.toNearestOrEven) * (highest / 127) }
        }
    }

    @Test(arguments: Precision.allCases)
    func quantizedLayerEqualsItsRoundedSelf(precision: Precision) throws {
        let compute = try Compute(ComputeOptions(threads: 2, precision: precision))
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

    @Test(arguments: [InstructionLevel.plain, .avx2, .avx512, .avx512BF16])
    func convolutionsRoundEachPixelAndOutput(level: InstructionLevel) throws {
        let compute = try Compute(ComputeOptions(threads: 2, level: level))
        for (height, width, inputs, outputs, stride) in [
            (5, 7, 3, 5, 1), (9, 8, 12, 70, 2), (1, 1, 2, 1, 1), (6, 11, 130, 33, 1),
        ] {
            let c = Reference.Convolution(
                height: height, width: width, inputs: inputs, outputs: outputs, kernel: (3, 3),
                stride: stride, pad: (1, 1, 1, 1))
            let x = Reference.numbers(2 * height * width * inputs, seed: 1)
            // Units whose rounding is never a tie, in the order [outputs, inputs, taps].
            let w = Reference.numbers(outputs * inputs * 9, seed: 2)
            let bias = Reference.numbers(outputs, seed: 3)
            let weights = try ConvolutionWeights(
                stored(w, [outputs, inputs, 3, 3]), bias: stored(bias, [outputs]), stride: stride,
                quantized: true, in: compute)
            let y = try compute.convolution2D(
                compute.tensor(from: x, [2, height, width, inputs]), weights)
            let want = c.run(
                rounded(x, by: inputs), rounded(w, by: inputs * 9), bias, pictures: 2)
            #expect(
                Reference.distance(try compute.floats(y), want) < 2e-2, "\(c) \(level.name)")
        }
    }

    @Test func everyLevelGivesTheSameBitsFromTheSameNumbers() throws {
        let (inputs, outputs) = (67, 90)
        let x = Reference.numbers(2 * 5 * 6 * inputs, seed: 1)
        let w = Reference.numbers(outputs * inputs * 9, seed: 2)
        let results = try InstructionLevel.allCases.map { level in
            let compute = try Compute(ComputeOptions(threads: 2, level: level))
            let weights = try ConvolutionWeights(
                stored(w, [outputs, inputs, 3, 3]), quantized: true, in: compute)
            return try compute.floats(
                compute.convolution2D(
                    compute.tensor(from: x, [2, 5, 6, inputs]), weights, upsampled: true))
        }
        for result in results { #expect(result == results[0]) }
    }
}
