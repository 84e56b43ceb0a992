import Generation

/// A linear map from the channels of a latent to red, green and blue: a preview in microseconds.
public struct LatentColorMap: Hashable, Sendable {
    /// Per latent channel its share of red, green and blue.
    public var weights: [[Float]]
    /// Added to red, green and blue; colours run from -1 to 1.
    public var bias: [Float]

    /// The least-squares map of SDXL's VAE for its four channels, as ComfyUI uses it.
    public static let sdxl = LatentColorMap(
        weights: [
            [0.3651, 0.4232, 0.4341], [-0.2533, -0.0042, 0.1068], [0.1076, 0.1111, -0.0362],
            [-0.3165, -0.2492, -0.2188],
        ],
        bias: [0.1084, -0.0175, -0.0011])

    init(weights: [[Float]], bias: [Float]) {
        self.weights = weights
        self.bias = bias
    }

    /// Reads `latent_rgb.json`: `{"weights": [[r, g, b], ...], "bias": [r, g, b]}`, one row per
    /// latent channel, applied to the latents that the sampler works on.
    init(_ file: ConfigurationFile) throws(WeightsError) {
        guard case .array(let rows)? = file["weights"], (1...64).contains(rows.count) else {
            throw file.bad("weights", "must hold a row per latent channel")
        }
        weights = []
        for row in rows {
            guard case .array(let values) = row, values.count == 3 else {
                throw file.bad("weights", "must hold rows of three numbers")
            }
            weights.append(
                values.compactMap {
                    if case .number(let number) = $0 { Float(number) } else { nil }
                })
        }
        guard weights.allSatisfy({ $0.count == 3 }) else {
            throw file.bad("weights", "must hold numbers")
        }
        bias = (try file.numbers("bias", count: 3) ?? [0, 0, 0]).map { Float($0) }
    }

    /// The picture of latents `[channels, height, width]`, one pixel each; nil when they have
    /// another number of channels.
    func picture(of latents: [Float], height: Int, width: Int) -> PixelImage? {
        let area = height * width
        guard area > 0, latents.count == weights.count * area else { return nil }
        var colors: [Float] = []
        colors.reserveCapacity(area * 3)
        for pixel in 0..<area {
            for color in 0..<3 {
                var value = bias[color]
                for channel in weights.indices {
                    value += weights[channel][color] * latents[channel * area + pixel]
                }
                colors.append(value)
            }
        }
        return PixelImage(colors: colors, width: width, height: height)
    }
}
