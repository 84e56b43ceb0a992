import Foundation
import Generation

/// Estimates the clean picture from what the UNet saw and answered, and draws it small.
struct PreviewMaker {
    private let pipeline: SDXLPipeline
    private let shape: [Int]
    private let alphas: [Double]

    /// - Parameter shape: `[channels, height, width]` of the latents.
    init(_ pipeline: SDXLPipeline, shape: [Int]) {
        self.pipeline = pipeline
        self.shape = shape
        alphas = pipeline.checkpoint.scheduler.approximateAlphas
    }

    /// The picture that a finished call of the UNet promises.
    func picture(_ progress: DenoisingLoop.Progress) throws -> PixelImage? {
        try pipeline.preview(clean(progress), height: shape[1], width: shape[2])
    }

    /// The model's input is in variance-preserving scale whatever the solver: x = sqrt(a) x0 +
    /// sqrt(1 - a) noise.
    private func clean(_ progress: DenoisingLoop.Progress) -> [Float] {
        let position = min(max(Int(progress.timestep.rounded()), 0), alphas.count - 1)
        let alpha = max(alphas[position], 1e-4)
        let (signal, noise) = (Float(alpha.squareRoot()), Float((1 - alpha).squareRoot()))
        let (input, output) = (progress.input, progress.prediction)
        switch pipeline.checkpoint.scheduler.predictionType {
        case "sample": return output
        case "v_prediction": return zip(input, output).map { signal * $0 - noise * $1 }
        default: return zip(input, output).map { ($0 - noise * $1) / signal }
        }
    }
}

extension SchedulerConfiguration {
    /// The cumulative product of 1 - beta; previews need no more than three digits of it.
    var approximateAlphas: [Double] {
        let count = min(max(numTrainTimesteps ?? 1000, 1), 100_000)
        let (start, end) = (betaStart ?? 0.00085, betaEnd ?? 0.012)
        var product = 1.0
        return (0..<count).map { index in
            let share = Double(index) / Double(max(1, count - 1))
            let root = start.squareRoot() + share * (end.squareRoot() - start.squareRoot())
            let beta = betaSchedule == "linear" ? start + share * (end - start) : root * root
            product *= 1 - beta
            return product
        }
    }
}
