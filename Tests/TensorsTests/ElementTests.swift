import CKernels
import Foundation
import Tensors
import Testing

@Suite struct ElementTests {
    @Test(arguments: InstructionLevel.allCases.filter { $0 <= .best })
    func activationsAreAccurate(level: InstructionLevel) throws {
        let compute = try Compute(ComputeOptions(level: level))
        let x = (-4000...4000).map { Float($0) / 200 }
        let functions: [(Activation, (Double) -> Double)] = [
            (.silu, Reference.silu), (.gelu, Reference.gelu), (.quickGelu, Reference.quickGelu),
        ]
        for (activation, function) in functions {
            let y = try compute.floats(
                compute.activate(compute.tensor(from: x, [x.count]), activation))
            var worst = 0.0
            for (value, result) in zip(x, y) {
                let distance = abs(Double(result) - function(Double(value)))
                worst = max(worst, distance / max(1, abs(Double(value))))
            }
            #expect(worst <= 3e-7, "\(activation)")
        }
    }

    @Test(arguments: Setting.all, [0, 1, 15, 16, 17, 40000])
    func sumsAndScales(setting: Setting, count: Int) throws {
        let compute = try setting.compute()
        let (x, y) = (setting.numbers(count, seed: 1), setting.numbers(count, seed: 2))
        let a = try compute.tensor(from: x, [count])
        let b = try compute.tensor(from: y, [count])
        let tolerance = setting.tolerance(1e-6, size: 3)
        let blended = try compute.floats(compute.blend(a, 2, b, -0.5))
        let expected: [Double] = zip(x, y).map { 2 * Double($0) - 0.5 * Double($1) }
        #expect(Reference.distance(blended, expected) < tolerance)
        let sum = try compute.floats(compute.add(a, b))
        let expectedSum = zip(x, y).map { Double($0) + Double($1) }
        #expect(Reference.distance(sum, expectedSum) < tolerance)
        let scaled = try compute.floats(compute.scale(a, by: 0.25))
        #expect(Reference.distance(scaled, x.map { Double($0) / 4 }) < tolerance)
    }

    @Test(arguments: Setting.best)
    func channelsAndEntriesAreJoinedAndTaken(setting: Setting) throws {
        let compute = try setting.compute()
        let a = try compute.tensor(from: [1, 2, 3, 4, 5, 6], [1, 2, 3])
        let b = try compute.tensor(from: [7, 8], [1, 2, 1])
        let joined = try compute.concatenateChannels([a, b])
        #expect(joined.shape == [1, 2, 4])
        #expect(try compute.floats(joined) == [1, 2, 3, 7, 4, 5, 6, 8] as [Float])
        #expect(try compute.floats(compute.channels(1..<3, of: joined)) == [2, 3, 5, 6])
        let stacked = try compute.concatenateEntries([a, a])
        #expect(stacked.shape == [2, 2, 3])
        #expect(try compute.floats(stacked.entries(1..<2)) == [1, 2, 3, 4, 5, 6])
        #expect(throws: TensorError.self) { try compute.concatenateChannels([a, stacked]) }
    }

    @Test(arguments: Setting.best)
    func planesBecomeInterleavedAndBack(setting: Setting) throws {
        let compute = try setting.compute()
        let planes = setting.numbers(2 * 3 * 19 * 17, seed: 5)
        let x = try compute.tensor(fromPlanes: planes, [2, 3, 19, 17])
        #expect(x.shape == [2, 19, 17, 3])
        #expect(try compute.planes(x) == planes)
        let flat = try compute.floats(x)
        #expect(flat[(323 + 5) * 3 + 2] == planes[5 * 323 + 5])
    }

    @Test(arguments: Setting.best)
    func upsamplingRepeatsPixels(setting: Setting) throws {
        let compute = try setting.compute()
        let x = try compute.tensor(from: [1, 2, 3, 4], [1, 1, 2, 2])
        let y = try compute.upsampleNearest2x(x)
        #expect(y.shape == [1, 2, 4, 2])
        let expected: [Float] = [1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4]
        #expect(try compute.floats(y) == expected)
    }

    @Test(arguments: Setting.best)
    func embeddingsAreLookedUp(setting: Setting) throws {
        let compute = try setting.compute()
        let table = try EmbeddingWeights(stored([1, 2, 3, 4, 5, 6], [3, 2]))
        let rows = try compute.embeddingLookup([2, 0, 2], table)
        #expect(try compute.floats(rows) == [5, 6, 1, 2, 5, 6])
        #expect(throws: TensorError.self) { try compute.embeddingLookup([3], table) }
    }
}
