import Foundation

/// Mixes two seeds' noises, as A1111's variation seeds do.
public enum VariationNoise {
    /// Spherical interpolation of two noises along the picture's height.
    ///
    /// A1111 interpolates each column of each channel on its own sphere. Nearly equal noises (mean
    /// cosine above 0.9995) are mixed linearly with the two ends swapped, exactly as it does.
    /// - Parameters:
    ///   - amount: 0 gives `low`, 1 gives `high`.
    ///   - low: the seed's noise, `[channels, height, width]`.
    ///   - high: the variation seed's noise, same shape.
    ///   - height: rows of the latents.
    ///   - width: columns of the latents.
    public static func slerp(
        _ amount: Double, from low: [Float], to high: [Float], height: Int, width: Int
    ) -> [Float] {
        precondition(low.count == high.count && low.count.isMultiple(of: max(height * width, 1)))
        let columns = Columns(height: height, width: width, channels: low.count / (height * width))
        let cosines = columns.cosines(low, high)
        let mean = cosines.reduce(0) { $0 + Double($1) } / Double(max(cosines.count, 1))
        let share = Float(amount)
        if mean > 0.9995 {
            let rest = Float(1 - amount)
            return Elementwise.map(low, high) { $0 * share + $1 * rest }
        }
        var result = low
        for (column, cosine) in cosines.enumerated() {
            let omega = acos(cosine)
            let sine = sin(omega)
            let lowShare = sin(Float(1 - amount) * omega) / sine
            let highShare = sin(share * omega) / sine
            for index in columns.indices(of: column) {
                result[index] = lowShare * low[index] + highShare * high[index]
            }
        }
        return result
    }

    /// The columns of a `[channels, height, width]` array, numbered channel by channel.
    private struct Columns {
        let height: Int
        let width: Int
        let channels: Int

        func indices(of column: Int) -> StrideTo<Int> {
            let start = column / width * height * width + column % width
            return stride(from: start, to: start + height * width, by: width)
        }

        /// The cosine between two arrays' columns; sums in doubles.
        func cosines(_ low: [Float], _ high: [Float]) -> [Float] {
            (0..<channels * width).map { column in
                var lowSquare = 0.0
                var highSquare = 0.0
                for index in indices(of: column) {
                    lowSquare += Double(low[index]) * Double(low[index])
                    highSquare += Double(high[index]) * Double(high[index])
                }
                let lowNorm = Float(lowSquare.squareRoot())
                let highNorm = Float(highSquare.squareRoot())
                return Float(
                    indices(of: column).reduce(0.0) {
                        $0 + Double(low[$1] / lowNorm * (high[$1] / highNorm))
                    })
            }
        }
    }
}
