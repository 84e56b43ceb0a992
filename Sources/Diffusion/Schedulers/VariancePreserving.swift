import Foundation

/// A noise level as signal and noise shares whose squares sum to one, and half their log
/// signal-to-noise ratio: the coordinates of the DPM-Solver family.
struct VariancePreservingLevel {
    let alpha: Float
    let sigma: Float

    init(sigma level: Float) {
        alpha = 1 / (level * level + 1).squareRoot()
        sigma = level * alpha
    }

    /// log(alpha / sigma); infinite where no noise is left.
    var lambda: Float { log(alpha) - log(sigma) }

    /// The clean sample a prediction implies.
    func denoised(_ output: [Float], _ sample: [Float], _ prediction: PredictionType) -> [Float] {
        switch prediction {
        case .epsilon: Elementwise.map(sample, output) { ($0 - sigma * $1) / alpha }
        case .sample: output
        case .vPrediction: Elementwise.map(sample, output) { alpha * $0 - sigma * $1 }
        }
    }

    /// The noise a prediction implies.
    func noise(_ output: [Float], _ sample: [Float], _ prediction: PredictionType) -> [Float] {
        switch prediction {
        case .epsilon: output
        case .sample: Elementwise.map(sample, output) { ($0 - alpha * $1) / sigma }
        case .vPrediction: Elementwise.map(sample, output) { alpha * $1 + sigma * $0 }
        }
    }
}

/// A scheduler of the DPM-Solver family: latents keep unit variance, so the UNet's input is not
/// scaled and added noise is mixed in.
protocol VariancePreservingScheduler: SigmaScheduler {}

extension VariancePreservingScheduler {
    func scaleModelInput(_ sample: [Float]) -> [Float] { sample }

    func addNoise(_ noise: [Float], to original: [Float], at index: Int) -> [Float] {
        let level = VariancePreservingLevel(sigma: run.sigmas[index])
        return Elementwise.map(original, noise) { level.alpha * $0 + level.sigma * $1 }
    }

    /// The coordinates of a level of the run.
    func level(_ index: Int) -> VariancePreservingLevel {
        VariancePreservingLevel(sigma: run.sigmas[index])
    }
}
