import Foundation

/// The noise of every training timestep, lowest first, in float32.
struct TrainingSchedule: Sendable {
    /// Share of the signal's variance that is left.
    let alphasCumprod: [Float]
    /// Noise over signal.
    let sigmas: [Float]
    /// Natural logarithms of ``sigmas``.
    let logSigmas: [Float]

    init(_ settings: SchedulerSettings) {
        var betas = settings.betaSchedule.betas(count: settings.trainTimesteps)
        if settings.rescaleZeroSNR { betas = Self.rescaledToZeroSNR(betas) }
        var alphas = Self.cumulativeProduct(betas.map { 1 - $0 })
        if settings.rescaleZeroSNR, settings.solver.liftsZeroSignal {
            alphas[alphas.count - 1] = 0x1p-24
        }
        alphasCumprod = alphas
        var levels = alphas.map { ((1 - $0) / $0).squareRoot() }
        if settings.rescaleZeroSNR, settings.solver.liftsZeroSignal {
            // The root of 2^24 - 1 lies just below 4096; the reference's rounds it up, which shifts
            // every sum with latents of this size.
            levels[levels.count - 1] = 4096
        }
        sigmas = levels
        logSigmas = sigmas.map(NumPyMath.log)
    }

    /// The largest training timestep.
    var last: Int { alphasCumprod.count - 1 }

    /// The signal share at a timestep; a negative one counts from the end, as an index does in
    /// Python (the trailing spacing of some step counts ends at -1).
    func alpha(at timestep: Int) -> Float {
        let index = timestep < 0 ? alphasCumprod.count + timestep : timestep
        return alphasCumprod[min(max(index, 0), last)]
    }

    /// Noise level at a fractional timestep, linear in between, constant beyond the ends.
    func sigma(at timestep: Double) -> Double {
        let position = min(max(timestep, 0), Double(last))
        let low = min(Int(position), max(last - 1, 0))
        guard last > 0 else { return Double(sigmas[0]) }
        let start = Double(sigmas[low])
        if position == Double(low) { return start }
        if position == Double(last) { return Double(sigmas[last]) }
        return (Double(sigmas[low + 1]) - start) * (position - Double(low)) + start
    }

    /// Noise level at a fractional timestep, linear in the logarithm.
    func logLinearSigma(at timestep: Double) -> Double {
        let position = min(max(timestep, 0), Double(last))
        let low = Int(position)
        let high = min(low + 1, last)
        let share = position - Double(low)
        return exp((1 - share) * Double(logSigmas[low]) + share * Double(logSigmas[high]))
    }

    /// The fractional timestep of a noise level, linear in the logarithm, cut at the ends.
    func timestep(ofSigma sigma: Double) -> Double {
        let target = log(max(sigma, 1e-10))
        return timestep(ofLogSigma: target)
    }

    /// The float32 variant, for levels that the reference holds as float32.
    func timestep(ofSigma sigma: Float) -> Double {
        timestep(ofLogSigma: Double(NumPyMath.log(max(sigma, 1e-10))))
    }

    private func timestep(ofLogSigma target: Double) -> Double {
        guard last > 0 else { return 0 }
        let low = min(max(countOfLevels(upTo: target) - 1, 0), last - 1)
        let width = Double(logSigmas[low] - logSigmas[low + 1])
        let share = min(max((Double(logSigmas[low]) - target) / width, 0), 1)
        return (1 - share) * Double(low) + share * Double(low + 1)
    }

    /// How many log levels are at or below a bound; they ascend.
    private func countOfLevels(upTo bound: Double) -> Int {
        var low = 0
        var high = logSigmas.count
        while low < high {
            let middle = (low + high) / 2
            if bound - Double(logSigmas[middle]) >= 0 { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// PyTorch keeps the running product in double precision.
    private static func cumulativeProduct(_ values: [Float]) -> [Float] {
        var product = 1.0
        return values.map {
            product *= Double($0)
            return Float(product)
        }
    }

    /// Algorithm 1 of Lin et al. 2023: the last timestep has no signal left.
    private static func rescaledToZeroSNR(_ betas: [Float]) -> [Float] {
        var roots = cumulativeProduct(betas.map { 1 - $0 }).map { $0.squareRoot() }
        let first = roots[0]
        let last = roots[roots.count - 1]
        let factor = first / (first - last)
        roots = roots.map { ($0 - last) * factor }
        let bars = roots.map { $0 * $0 }
        return bars.indices.map { index in
            1 - (index == 0 ? bars[0] : bars[index] / bars[index - 1])
        }
    }
}
