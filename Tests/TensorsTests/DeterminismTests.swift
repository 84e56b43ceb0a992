import Tensors
import Testing

@Suite struct DeterminismTests {
    /// A chain through every kind of operation, on sizes that fill no tile evenly.
    private func chain(_ compute: Compute, pictures: Int, _ input: [Float]) throws -> [Float] {
        let (height, width, channels) = (19, 13, 48)
        var x = try compute.tensor(from: input, [pictures, height, width, channels])
        let gamma = Reference.numbers(channels, seed: 2),
            beta = Reference.numbers(channels, seed: 3)
        let norm = try NormWeights(stored(gamma, [channels]), stored(beta, [channels]))
        let convolution = try ConvolutionWeights(
            stored(
                Reference.numbers(channels * channels * 9, seed: 4), [channels, channels, 3, 3]),
            in: compute)
        let qkv = try LinearWeights(
            stored(Reference.numbers(3 * channels * channels, seed: 5), [3 * channels, channels]),
            in: compute)
        let gated = try LinearWeights(
            stored(Reference.numbers(2 * channels * channels, seed: 6), [2 * channels, channels]),
            gated: true, in: compute)
        let normed = try compute.groupNorm(x, norm, groups: 6, silu: true)
        x = try compute.convolution2D(normed, convolution, residual: x)
        let sequence = try x.reshaped([pictures, height * width, channels])
        let attended = try compute.selfAttention(
            qkv: compute.linear(compute.layerNorm(sequence, norm), qkv), heads: 3)
        return try compute.floats(
            compute.linear(compute.activate(attended, .gelu), gated, residual: attended))
    }

    @Test(arguments: Setting.all)
    func threadsChangeNoBit(setting: Setting) throws {
        let input = setting.numbers(2 * 19 * 13 * 48, seed: 1)
        let alone = try chain(setting.compute(threads: 1), pictures: 2, input)
        #expect(alone.allSatisfy { $0.isFinite })
        for threads in [2, 3, 5] {
            let compute = try setting.compute(threads: threads)
            #expect(try chain(compute, pictures: 2, input) == alone, "\(threads) threads")
        }
    }

    @Test(arguments: Setting.all)
    func aPictureOfABatchEqualsThePictureAlone(setting: Setting) throws {
        let count = 19 * 13 * 48
        let input = setting.numbers(3 * count, seed: 7)
        let compute = try setting.compute()
        let batch = try chain(compute, pictures: 3, input)
        for picture in 0..<3 {
            let range = picture * count..<(picture + 1) * count
            let alone = try chain(compute, pictures: 1, Array(input[range]))
            #expect(alone == Array(batch[range]), "picture \(picture)")
        }
    }
}
