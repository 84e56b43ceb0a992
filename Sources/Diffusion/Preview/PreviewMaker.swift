import Foundation
import Generation

/// Estimates the clean picture from what the UNet saw and answered, and draws it small: with the
/// model's tiny decoder where it brings one and sampling leaves time for it, else by a linear map.
final class PreviewMaker {
    /// The share of sampling's time that the tiny decoder may take.
    static let share = 0.012
    /// Between two coarse pictures: to show one costs about 30 ms of a core.
    private static let pause = Duration.milliseconds(1500)
    /// The same in the first second: a short run would else end before anything is seen.
    private static let firstPause = Duration.milliseconds(300)
    /// What the first decoding is taken to cost at most, for want of a measurement.
    private static let guess = Duration.seconds(1)
    /// How long a decoded picture stays when the next one would cost too much.
    private static let stay = Duration.seconds(5)

    private let pipeline: SDXLPipeline
    private let shape: [Int]
    private let alphas: [Double]
    private let warn: (String) -> Void
    private let clock = ContinuousClock()
    private let begin: ContinuousClock.Instant
    private var spent = Duration.zero
    private var firstStep = Duration.zero
    private var decodedAt: ContinuousClock.Instant?
    private var mappedAt: ContinuousClock.Instant?
    private var usesDecoder: Bool

    /// - Parameters:
    ///   - shape: `[channels, height, width]` of the latents.
    ///   - warn: told once when the tiny decoder cannot be used.
    init(_ pipeline: SDXLPipeline, shape: [Int], warn: @escaping (String) -> Void) {
        self.pipeline = pipeline
        self.shape = shape
        self.warn = warn
        alphas = pipeline.checkpoint.scheduler.approximateAlphas
        begin = clock.now
        usesDecoder = pipeline.checkpoint.tinyDecoder != nil
    }

    /// The picture that a finished call of the UNet promises; nil when none is due.
    func picture(_ progress: DenoisingLoop.Progress) -> PixelImage? {
        if firstStep == .zero { firstStep = clock.now - begin }
        let latents = clean(progress)
        guard usesDecoder else { return mapped(latents) }
        guard isDue else {
            // A coarse picture right after a fine one would flicker.
            let isFresh = decodedAt.map { clock.now - $0 < Self.stay } ?? false
            return isFresh ? nil : mapped(latents)
        }
        let start = clock.now
        do {
            let image = try pipeline.decodedPreview(latents, height: shape[1], width: shape[2])
            decodedAt = clock.now
            spent += clock.now - start
            pipeline.previewCost = clock.now - start
            return image
        } catch {
            usesDecoder = false
            warn("the model's preview decoder cannot be used: \(error)")
            return mapped(latents)
        }
    }

    /// Whether another decoding, as long as the last one, stays within the share of the time. The
    /// first one of all, which tells how long it takes, is taken to be as long as a step.
    private var isDue: Bool {
        let cost = pipeline.previewCost ?? min(firstStep, Self.guess)
        return spent + cost <= (clock.now - begin) * Self.share
    }

    private func mapped(_ latents: [Float]) -> PixelImage? {
        let now = clock.now
        let pause = now - begin < .seconds(1) ? Self.firstPause : Self.pause
        if let mappedAt, now - mappedAt < pause { return nil }
        mappedAt = now
        return pipeline.mappedPreview(latents, height: shape[1], width: shape[2])
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
