import Foundation

/// Ancestral sampling of the trained chain (Ho et al. 2020, formulas 6 and 7), as diffusers'
/// `DDPMScheduler`. Noise is drawn wherever the timestep is above zero.
struct DDPMScheduler: TimestepScheduler {
    var run: TimestepRun

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let index = run.callIndex
        let timestep = run.steps[index]
        let following = index + 1 < run.steps.count ? run.steps[index + 1] : -1
        run.callIndex += 1
        let alpha = run.training.alpha(at: timestep)
        let next = following >= 0 ? run.training.alpha(at: following) : 1
        let kept = alpha / next
        let clean = run.settings.clipping.apply(
            run.denoised(modelOutput, sample, alpha: alpha))
        let cleanShare = next.squareRoot() * (1 - kept) / (1 - alpha)
        let sampleShare = kept.squareRoot() * (1 - next) / (1 - alpha)
        guard timestep > 0 else {
            return Elementwise.map(clean, sample) { cleanShare * $0 + sampleShare * $1 }
        }
        let deviation = deviation(alpha: alpha, next: next)
        return Elementwise.map(clean, sample, noise()) {
            cleanShare * $0 + sampleShare * $1 + deviation * $2
        }
    }

    /// The standard deviation of a step's noise.
    private func deviation(alpha: Float, next: Float) -> Float {
        let beta = 1 - alpha / next
        let variance = max((1 - next) / (1 - alpha) * beta, 1e-20)
        switch run.settings.varianceType {
        case "fixed_small_log": return exp(0.5 * log(variance))
        case "fixed_large": return beta.squareRoot()
        case "fixed_large_log": return log(beta).squareRoot()
        default: return variance.squareRoot()
        }
    }
}
