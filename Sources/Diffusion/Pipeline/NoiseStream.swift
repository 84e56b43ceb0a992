import Generation

/// The draws of one picture, in the order in which diffusers makes them.
struct NoiseStream {
    private var source: any NoiseSource
    private let shape: [Int]

    /// - Parameter shape: `[channels, height, width]` of the latents.
    init(_ name: NoiseSourceName, seed: UInt64, shape: [Int]) {
        source = Self.source(name, seed: seed)
        self.shape = shape
    }

    /// The next tensor of unit noise.
    mutating func next() -> [Float] {
        source.normal(count: shape.reduce(1, *))
    }

    /// The first draw: the seed's noise, with the variation seed's mixed in.
    mutating func initial(of request: GenerationRequest) -> [Float] {
        let noise = next()
        guard let seed = request.variationSeed, request.variationStrength > 0 else { return noise }
        var other = NoiseStream(request.noiseSource, seed: seed, shape: shape)
        return VariationNoise.slerp(
            request.variationStrength, from: noise, to: other.next(), height: shape[1],
            width: shape[2])
    }

    private static func source(_ name: NoiseSourceName, seed: UInt64) -> any NoiseSource {
        switch name {
        case .torch: TorchNoise(seed: seed)
        case .philox: PhiloxNoise(seed: seed)
        }
    }
}
