import Foundation

/// Quantiles of the Beta(0.6, 0.6) distribution, for the beta schedule (Lee et al. 2024).
enum BetaQuantile {
    private static let shape = 0.6

    /// The value below which a share of the distribution lies; `share` in 0...1.
    static func value(at share: Double) -> Double {
        if share <= 0 { return 0 }
        if share >= 1 { return 1 }
        // The distribution is symmetric: the smaller half keeps full relative precision.
        if share > 0.5 { return 1 - value(at: 1 - share) }
        var low = 0.0
        var high = 0.5
        var x = share * 0.5
        for _ in 0..<200 {
            let error = cumulative(x) - share
            if error > 0 { high = x } else { low = x }
            let density = exp((shape - 1) * (log(x) + log1p(-x)) - logBeta)
            var next = x - error / density
            if !(next > low && next < high) { next = 0.5 * (low + high) }
            if abs(next - x) <= 1e-16 * x { return next }
            x = next
        }
        return x
    }

    private static let logBeta = 2 * lgamma(shape) - lgamma(2 * shape)

    /// The regularised incomplete beta function for x up to a half, by its power series.
    private static func cumulative(_ x: Double) -> Double {
        var term = 1.0
        var sum = 1 / shape
        var index = 1.0
        while index < 500 {
            term *= (index - shape) * x / index
            let addend = term / (shape + index)
            sum += addend
            if addend < sum * 1e-17 { break }
            index += 1
        }
        return exp(shape * log(x) - logBeta) * sum
    }
}
