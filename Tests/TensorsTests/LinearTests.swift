import Tensors
import Testing

@Suite struct LinearTests {
    private static let sizes = [(1, 1, 1), (5, 33, 17), (130, 64, 70), (9, 320, 70), (2, 6500, 3)]

    @Test(arguments: Setting.all)
    func linearMatchesDoubles(setting: Setting) throws {
        let compute = try setting.compute()
        for (rows, inputs, outputs) in Self.sizes {
            let x = setting.numbers(rows * inputs, seed: 1)
            let w = setting.numbers(outputs * inputs, seed: 2)
            let bias = Reference.numbers(outputs, seed: 3)
            let weights = try LinearWeights(
                stored(w, [outputs, inputs]), bias: stored(bias, [outputs]), in: compute)
            let y = try compute.linear(
                compute.tensor(from: x, [rows, inputs]), weights, as: .float32)
            let expected = Reference.linear(x, w, bias, inputs: inputs, outputs: outputs)
            let distance = Reference.distance(try compute.floats(y), expected)
            #expect(distance < 1e-6 * Double(inputs).squareRoot() + 1e-6, "\(rows)x\(inputs)")
        }
    }

    @Test(arguments: Setting.all)
    func activationAndResidualFollowTheBias(setting: Setting) throws {
        let compute = try setting.compute()
        let (rows, inputs, outputs) = (11, 48, 37)
        let x = setting.numbers(rows * inputs, seed: 4)
        let w = setting.numbers(outputs * inputs, seed: 5)
        let bias = Reference.numbers(outputs, seed: 6)
        let residual = setting.numbers(rows * outputs, seed: 7)
        let weights = try LinearWeights(
            stored(w, [outputs, inputs]), bias: stored(bias, [outputs]), in: compute)
        let linear = Reference.linear(x, w, bias, inputs: inputs, outputs: outputs)
        let functions: [(Activation, (Double) -> Double)] = [
            (.none, { $0 }), (.silu, Reference.silu), (.gelu, Reference.gelu),
            (.quickGelu, Reference.quickGelu),
        ]
        for (activation, function) in functions {
            let y = try compute.linear(
                compute.tensor(from: x, [rows, inputs]), weights, activation: activation,
                residual: compute.tensor(from: residual, [rows, outputs]))
            let expected = zip(linear, residual).map { function($0) + Double($1) }
            let distance = Reference.distance(try compute.floats(y), expected)
            #expect(distance < setting.tolerance(1e-5, size: 8), "\(activation)")
        }
    }

    @Test(arguments: Setting.all, [8, 24, 70])
    func gatedLayerMultipliesValueByGeluOfGate(setting: Setting, outputs: Int) throws {
        let compute = try setting.compute()
        let (rows, inputs) = (17, 40)
        let x = setting.numbers(rows * inputs, seed: 8)
        let w = setting.numbers(2 * outputs * inputs, seed: 9)
        let bias = Reference.numbers(2 * outputs, seed: 10)
        let weights = try LinearWeights(
            stored(w, [2 * outputs, inputs]), bias: stored(bias, [2 * outputs]), gated: true,
            in: compute)
        #expect(weights.outputs == outputs)
        let y = try compute.linear(compute.tensor(from: x, [rows, inputs]), weights, as: .float32)
        let both = Reference.linear(x, w, bias, inputs: inputs, outputs: 2 * outputs)
        let expected = (0..<rows * outputs).map { index in
            let at = index / outputs * 2 * outputs + index % outputs
            return both[at] * Reference.gelu(both[at + outputs])
        }
        #expect(Reference.distance(try compute.floats(y), expected) < 3e-5)
    }

    @Test(arguments: Setting.best)
    func concatenatedLayersEqualSeparateOnes(setting: Setting) throws {
        let compute = try setting.compute()
        let inputs = 32
        let parts = [20, 12, 64].enumerated().map { index, outputs in
            (
                weight: stored(
                    Reference.numbers(outputs * inputs, seed: UInt64(index)), [outputs, inputs]),
                bias: index == 1 ? nil : stored(Reference.numbers(outputs, seed: 9), [outputs])
            )
        }
        let x = try compute.tensor(from: setting.numbers(3 * inputs, seed: 11), [3, inputs])
        let fused = try compute.linear(x, LinearWeights(concatenating: parts, in: compute))
        let separate = try parts.map { part in
            try compute.linear(x, LinearWeights(part.weight, bias: part.bias, in: compute))
        }
        let joined = try compute.concatenateChannels(separate)
        #expect(try compute.floats(fused) == compute.floats(joined))
    }

    @Test func emptyInputGivesEmptyOutput() throws {
        let compute = try Compute()
        let weights = try LinearWeights(
            stored(Reference.numbers(12, seed: 1), [3, 4]), in: compute)
        let y = try compute.linear(compute.tensor([0, 4]), weights)
        #expect(y.shape == [0, 3])
    }

    @Test func wrongShapesAreNamed() throws {
        let compute = try Compute()
        let weights = try LinearWeights(
            stored(Reference.numbers(12, seed: 1), [3, 4]), in: compute)
        #expect(throws: TensorError.self) { try compute.linear(compute.tensor([2, 5]), weights) }
        #expect(throws: TensorError.self) {
            try compute.linear(
                compute.tensor([2, 4]), weights, residual: compute.tensor([2, 4]))
        }
        #expect(throws: TensorError.self) {
            try LinearWeights(
                stored(Reference.numbers(12, seed: 1), [3, 4]),
                bias: stored(Reference.numbers(4, seed: 1), [4]), in: compute)
        }
    }
}
