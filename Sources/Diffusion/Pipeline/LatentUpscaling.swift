/// Enlarges latents for a second pass.
enum LatentUpscaling {
    /// Bilinear interpolation as torch's `interpolate(mode="bilinear", antialias=False)`.
    ///
    /// - Parameters:
    ///   - latents: `[channels, height, width]` of `from`.
    ///   - to: the new shape, with the same channels.
    static func bilinear(_ latents: [Float], from: [Int], to: [Int]) -> [Float] {
        let rows = taps(from[1], to[1])
        let columns = taps(from[2], to[2])
        var result: [Float] = []
        result.reserveCapacity(to.reduce(1, *))
        for channel in 0..<from[0] {
            let plane = channel * from[1] * from[2]
            for row in rows {
                let (upper, lower) = (plane + row.low * from[2], plane + row.high * from[2])
                for column in columns {
                    let top =
                        (1 - column.share) * latents[upper + column.low]
                        + column.share * latents[upper + column.high]
                    let bottom =
                        (1 - column.share) * latents[lower + column.low]
                        + column.share * latents[lower + column.high]
                    result.append((1 - row.share) * top + row.share * bottom)
                }
            }
        }
        return result
    }

    private static func taps(
        _ from: Int, _ to: Int
    ) -> [(low: Int, high: Int, share: Float)] {
        let scale = Float(from) / Float(to)
        return (0..<to).map { position in
            let place = max(0, (Float(position) + 0.5) * scale - 0.5)
            let low = min(Int(place), from - 1)
            return (low, min(low + 1, from - 1), place - Float(low))
        }
    }
}
