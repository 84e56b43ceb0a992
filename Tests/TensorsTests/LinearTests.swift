import Tensors
import Testing

@Suite struct LinearTests {
    @Test(arguments: InstructionLevel.allCases, Precision.allCases)
    func linearMatchesDoubles(level: InstructionLevel, precision: Precision) throws {
        let compute = try Compute(ComputeOptions(threads: 2, precision: precision, level: level))
        for (rows, inputs, outputs) in [(1, 1, 1), (5, 33, 17), (130, 64, 70), (9, 320, 200)] {
            var x = Reference.numbers(rows * inputs, seed: 1)
            var w = Reference.numbers(outputs * inputs, seed: 2)
            if precision == .bfloat16 {
                x = Reference.rounded(x)
                w = Reference.rounded(w)
            }
            let bias = Reference.numbers(outputs, seed: 3)
            let weights = try LinearWeights(
                StoredTensor(floats: w, shape: [outputs, inputs]),
                bias: StoredTensor(floats: bias, shape: [outputs]), in: compute)
            let y = try compute.linear(
                compute.tensor(from: x, [rows, inputs]), weights, as: .float32)
            let expected = Reference.linear(x, w, bias, inputs: inputs, outputs: outputs)
            let distance = Reference.distance(try compute.floats(y), expected)
            #expect(distance < 2e-5, "\(rows) \(inputs) \(outputs)")
        }
    }
}
