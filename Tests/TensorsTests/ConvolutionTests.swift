import Testing

@testable import Tensors

@Suite struct ConvolutionTests {
    private static let cases: [Reference.Convolution] = [
        .init(
            height: 5, width: 7, inputs: 3, outputs: 5, kernel: (3, 3), pad: (1, 1, 1, 1)),
        .init(
            height: 8, width: 9, inputs: 12, outputs: 70, kernel: (3, 3), pad: (1, 1, 1, 1)),
        .init(
            height: 9, width: 8, inputs: 6, outputs: 20, kernel: (3, 3), stride: 2,
            pad: (1, 1, 1, 1)),
        .init(
            height: 8, width: 10, inputs: 4, outputs: 33, kernel: (3, 3), stride: 2,
            pad: (0, 0, 1, 1)),
        .init(
            height: 6, width: 5, inputs: 32, outputs: 8, kernel: (1, 1), pad: (0, 0, 0, 0)),
        .init(
            height: 1, width: 1, inputs: 2, outputs: 1, kernel: (3, 3), pad: (1, 1, 1, 1)),
        .init(
            height: 3, width: 2, inputs: 700, outputs: 3, kernel: (3, 3), pad: (1, 1, 1, 1)),
    ]

    private func padding(_ c: Reference.Convolution) -> ConvolutionPadding {
        ConvolutionPadding(
            top: c.pad.top, left: c.pad.left, bottom: c.pad.bottom, right: c.pad.right)
    }

    @Test(arguments: Setting.all)
    func convolutionMatchesDoubles(setting: Setting) throws {
        let compute = try setting.compute()
        for c in Self.cases {
            let x = setting.numbers(2 * c.height * c.width * c.inputs, seed: 1)
            let shape = [c.outputs, c.inputs, c.kernel.height, c.kernel.width]
            let w = setting.numbers(shape.reduce(1, *), seed: 2)
            let bias = Reference.numbers(c.outputs, seed: 3)
            let weights = try ConvolutionWeights(
                stored(w, shape), bias: stored(bias, [c.outputs]), stride: c.stride,
                padding: padding(c), in: compute)
            let y = try compute.convolution2D(
                compute.tensor(from: x, [2, c.height, c.width, c.inputs]), weights, as: .float32)
            #expect(y.shape == [2, c.outHeight, c.outWidth, c.outputs])
            let distance = Reference.distance(
                try compute.floats(y), c.run(x, w, bias, pictures: 2))
            #expect(distance < 1e-6 * Double(c.inputs * 9).squareRoot() + 1e-6, "\(c)")
        }
    }

    /// Sizes that fill no whole tile, block, vector or panel, and one with channels in odd number.
    private static let transformed: [Reference.Convolution] = [
        .init(height: 9, width: 7, inputs: 48, outputs: 80, kernel: (3, 3), pad: (1, 1, 1, 1)),
        .init(height: 1, width: 1, inputs: 16, outputs: 16, kernel: (3, 3), pad: (1, 1, 1, 1)),
        .init(height: 23, width: 12, inputs: 17, outputs: 130, kernel: (3, 3), pad: (0, 0, 0, 0)),
        .init(height: 4, width: 33, inputs: 200, outputs: 18, kernel: (3, 3), pad: (2, 0, 1, 1)),
    ]

    /// In bf16 the transforms are rounded, so that a sum of n products of numbers in -1...1 may be
    /// off by some 2^-9 of its size, about the square root of n.
    @Test(arguments: Setting.all)
    func transformedConvolutionMatchesDoubles(setting: Setting) throws {
        let compute = try setting.compute()
        for c in Self.transformed {
            let x = setting.numbers(2 * c.height * c.width * c.inputs, seed: 1)
            let shape = [c.outputs, c.inputs, 3, 3]
            #expect(ConvolutionWeights.transformPays(shape, stride: 1))
            let w = setting.numbers(shape.reduce(1, *), seed: 2)
            let bias = Reference.numbers(c.outputs, seed: 3)
            let weights = try ConvolutionWeights(
                stored(w, shape), bias: stored(bias, [c.outputs]), padding: padding(c),
                in: compute)
            let y = try compute.convolution2D(
                compute.tensor(from: x, [2, c.height, c.width, c.inputs]), weights, as: .float32)
            #expect(y.shape == [2, c.outHeight, c.outWidth, c.outputs])
            let distance = Reference.distance(
                try compute.floats(y), c.run(x, w, bias, pictures: 2))
            let size = Double(c.inputs * 9).squareRoot()
            #expect(distance < setting.tolerance(4e-6 * size, size: size * 2), "\(c)")
        }
    }

    @Test(arguments: Setting.all)
    func channelBiasActivationAndResidualAreFused(setting: Setting) throws {
        try fused(setting, Self.cases[1])
        try fused(setting, Self.transformed[0])
    }

    private func fused(_ setting: Setting, _ c: Reference.Convolution) throws {
        let compute = try setting.compute()
        let pixels = c.height * c.width
        let x = setting.numbers(2 * pixels * c.inputs, seed: 1)
        let w = setting.numbers(c.outputs * c.inputs * 9, seed: 2)
        let bias = Reference.numbers(c.outputs, seed: 3)
        let perPicture = setting.numbers(2 * c.outputs, seed: 4)
        let residual = setting.numbers(2 * pixels * c.outputs, seed: 5)
        let weights = try ConvolutionWeights(
            stored(w, [c.outputs, c.inputs, 3, 3]), bias: stored(bias, [c.outputs]), in: compute)
        let shape = [2, c.height, c.width, c.outputs]
        let y = try compute.convolution2D(
            compute.tensor(from: x, [2, c.height, c.width, c.inputs]), weights, activation: .silu,
            channelBias: compute.tensor(from: perPicture, [2, c.outputs]),
            residual: compute.tensor(from: residual, shape))
        let plain = c.run(x, w, bias, pictures: 2)
        let expected = plain.enumerated().map { index, value in
            let picture = index / (pixels * c.outputs)
            let added = value + Double(perPicture[picture * c.outputs + index % c.outputs])
            return Reference.silu(added) + Double(residual[index])
        }
        let distance = Reference.distance(try compute.floats(y), expected)
        let size = Double(c.inputs * 9).squareRoot()
        #expect(distance < setting.tolerance(4e-6 * size, size: size * 2))
    }

    @Test(arguments: Setting.best, [8, 24])
    func upsampledInputEqualsASeparateEnlargement(setting: Setting, channels: Int) throws {
        let compute = try setting.compute()
        let weights = try ConvolutionWeights(
            stored(
                Reference.numbers(channels * channels * 9, seed: 1), [channels, channels, 3, 3]),
            in: compute)
        let x = try compute.tensor(
            from: setting.numbers(2 * 5 * 3 * channels, seed: 2), [2, 5, 3, channels])
        let fused = try compute.convolution2D(x, weights, upsampled: true)
        let separate = try compute.convolution2D(compute.upsampleNearest2x(x), weights)
        #expect(fused.shape == [2, 10, 6, channels])
        #expect(try compute.floats(fused) == compute.floats(separate))
    }

    @Test func oneByOneEqualsLinear() throws {
        let compute = try Compute(ComputeOptions(precision: .bfloat16))
        let w = Reference.numbers(24 * 16, seed: 3)
        let x = try compute.tensor(from: Reference.numbers(2 * 4 * 5 * 16, seed: 4), [2, 4, 5, 16])
        let convolved = try compute.convolution2D(
            x, ConvolutionWeights(stored(w, [24, 16, 1, 1]), in: compute))
        let linear = try compute.linear(x, LinearWeights(stored(w, [24, 16]), in: compute))
        #expect(try compute.floats(convolved) == compute.floats(linear))
    }

    @Test func picturesSmallerThanTheKernelAreRefused() throws {
        let compute = try Compute()
        let weights = try ConvolutionWeights(
            stored(Reference.numbers(9, seed: 1), [1, 1, 3, 3]),
            padding: ConvolutionPadding(0), in: compute)
        #expect(throws: TensorError.self) {
            try compute.convolution2D(compute.tensor([1, 2, 2, 1]), weights)
        }
    }
}
