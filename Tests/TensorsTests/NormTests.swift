import Foundation
import Tensors
import Testing

@Suite struct NormTests {
    @Test(arguments: Setting.all)
    func groupNormMatchesDoubles(setting: Setting) throws {
        let compute = try setting.compute()
        for (pixels, channels, groups) in [(1, 4, 2), (35, 33, 3), (130, 320, 32), (9, 64, 1)] {
            for silu in [false, true] {
                let x = setting.numbers(2 * pixels * channels, seed: 1).map { $0 * 3 + 1 }
                let kept = setting.precision == .float32 ? x : Reference.rounded(x)
                let gamma = Reference.numbers(channels, seed: 2)
                let beta = Reference.numbers(channels, seed: 3)
                let weights = try NormWeights(
                    stored(gamma, [channels]), stored(beta, [channels]))
                let y = try compute.groupNorm(
                    compute.tensor(from: kept, [2, pixels, channels]), weights, groups: groups,
                    epsilon: 1e-5, silu: silu)
                let expected = Reference.groupNorm(
                    kept, gamma, beta, pictures: 2, groups: groups, epsilon: 1e-5, silu: silu)
                let distance = Reference.distance(try compute.floats(y), expected)
                #expect(distance < setting.tolerance(3e-6, size: 4), "\(pixels) \(channels)")
            }
        }
    }

    @Test func aLargeMeanLosesNoPrecision() throws {
        let compute = try Compute()
        let x = Reference.numbers(4000 * 8, seed: 1).map { $0 + 1000 }
        let ones = stored([Float](repeating: 1, count: 8), [8])
        let zeros = stored([Float](repeating: 0, count: 8), [8])
        let y = try compute.groupNorm(
            compute.tensor(from: x, [1, 4000, 8]), NormWeights(ones, zeros), groups: 2)
        let expected = Reference.groupNorm(
            x, [Float](repeating: 1, count: 8), [Float](repeating: 0, count: 8), pictures: 1,
            groups: 2, epsilon: 1e-5, silu: false)
        // The mean of 1000 is held to half a unit in its last place: 3e-5, times 1 / sigma.
        #expect(Reference.distance(try compute.floats(y), expected) < 1.5e-4)
    }

    @Test(arguments: Setting.all)
    func layerNormMatchesDoubles(setting: Setting) throws {
        let compute = try setting.compute()
        for (rows, columns) in [(1, 1), (3, 7), (40, 320), (5, 1283)] {
            let x = setting.numbers(rows * columns, seed: 1)
            let gamma = Reference.numbers(columns, seed: 2)
            let beta = Reference.numbers(columns, seed: 3)
            let weights = try NormWeights(stored(gamma, [columns]), stored(beta, [columns]))
            let y = try compute.layerNorm(compute.tensor(from: x, [rows, columns]), weights)
            let expected = (0..<rows).flatMap { row in
                Reference.groupNorm(
                    Array(x[row * columns..<(row + 1) * columns]), gamma, beta, pictures: 1,
                    groups: 1, epsilon: 1e-5, silu: false)
            }
            let distance = Reference.distance(try compute.floats(y), expected)
            #expect(distance < setting.tolerance(3e-6, size: 4), "\(rows) \(columns)")
        }
    }
}
