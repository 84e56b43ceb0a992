/// Multistep consistency sampling for latent consistency models (Luo et al. 2023), as diffusers'
/// `LCMScheduler`. Its timesteps are those of the distillation; noise follows every step but the
/// last.
struct LCMScheduler: TimestepScheduler {
    private static let dataDeviation: Float = 0.5

    var run: TimestepRun

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let index = run.callIndex
        let timestep = run.steps[index]
        run.callIndex += 1
        let alpha = run.training.alpha(at: timestep)
        let predicted = run.settings.clipping.apply(
            run.denoised(modelOutput, sample, alpha: alpha))
        let scaled = Float(timestep) * Float(run.settings.timestepScaling)
        let variance = Self.dataDeviation * Self.dataDeviation
        let sum = scaled * scaled + variance
        let skip = variance / sum
        let out = scaled / sum.squareRoot()
        let clean = Elementwise.map(predicted, sample) { out * $0 + skip * $1 }
        guard index < run.steps.count - 1 else { return clean }
        let next = run.alpha(before: run.steps[index + 1])
        let signal = next.squareRoot()
        let share = (1 - next).squareRoot()
        return Elementwise.map(clean, noise()) { signal * $0 + share * $1 }
    }

    /// Timesteps of LCM and TCD: evenly chosen from those of the distillation, highest first.
    static func timesteps(
        _ settings: SchedulerSettings, steps: Int
    ) throws(SchedulerError) -> [Int] {
        let origins = settings.originalSteps
        guard steps <= origins else {
            throw .unsupportedSteps(steps, reason: "the distillation knows \(origins)")
        }
        let stride = settings.trainTimesteps / origins
        let width = Double(origins) / Double(steps)
        return (0..<steps).map { (origins - Int(Double($0) * width)) * stride - 1 }
    }
}
