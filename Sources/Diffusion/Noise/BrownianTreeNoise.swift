/// k-diffusion's `BrownianTreeNoiseSampler`: unit noise for a step between two noise levels, drawn
/// from one Brownian path over all of them, so that fewer or more steps see the same path.
struct BrownianTreeNoise: Sendable {
    private var path: BrownianInterval

    /// - Parameters:
    ///   - range: the smallest and the largest noise level of the run.
    ///   - count: elements of one picture's latents.
    ///   - seed: the picture's seed.
    init(range: ClosedRange<Float>, count: Int, seed: UInt64) {
        path = BrownianInterval(
            start: Double(range.lowerBound), end: Double(range.upperBound), count: count,
            seed: seed)
    }

    /// The noise of the step from one level to another, of unit variance.
    mutating func noise(from sigma: Float, to next: Float) -> [Float] {
        let increment = path.increment(
            from: Double(min(sigma, next)), to: Double(max(sigma, next)))
        let sign: Float = sigma < next ? 1 : -1
        let deviation = abs(next - sigma).squareRoot()
        return increment.map { $0 * sign / deviation }
    }
}
