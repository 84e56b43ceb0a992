/// What the solvers that walk whole training timesteps have in common.
struct TimestepRun: Sendable {
    /// The timesteps of the calls, highest first.
    let steps: [Int]
    let training: TrainingSchedule
    let settings: SchedulerSettings
    var callIndex = 0

    /// The signal left after the last step.
    var finalAlpha: Float { settings.finalAlphaIsOne ? 1 : training.alphasCumprod[0] }

    /// The signal at a timestep, or at the end for one below zero.
    func alpha(before timestep: Int) -> Float {
        timestep >= 0 ? training.alpha(at: timestep) : finalAlpha
    }

    /// The clean sample a prediction implies at a signal share.
    func denoised(_ output: [Float], _ sample: [Float], alpha: Float) -> [Float] {
        let signal = alpha.squareRoot()
        let noise = (1 - alpha).squareRoot()
        switch settings.prediction {
        case .epsilon: return Elementwise.map(sample, output) { ($0 - noise * $1) / signal }
        case .sample: return output
        case .vPrediction:
            return Elementwise.map(sample, output) { signal * $0 - noise * $1 }
        }
    }

    /// The noise a prediction implies at a signal share.
    func noise(_ output: [Float], _ sample: [Float], alpha: Float) -> [Float] {
        let signal = alpha.squareRoot()
        let noise = (1 - alpha).squareRoot()
        switch settings.prediction {
        case .epsilon: return output
        case .sample: return Elementwise.map(sample, output) { ($0 - signal * $1) / noise }
        case .vPrediction:
            return Elementwise.map(sample, output) { signal * $1 + noise * $0 }
        }
    }
}

/// A scheduler whose timesteps and position live in a ``TimestepRun``, with latents of unit
/// variance.
protocol TimestepScheduler: Scheduler {
    var run: TimestepRun { get set }
    /// Drops what earlier steps left behind.
    mutating func forget()
}

extension TimestepScheduler {
    var timesteps: [Float] { run.steps.map { Float($0) } }
    var sigmas: [Float] { [] }
    var initialNoiseSigma: Float { 1 }
    var callIndex: Int { run.callIndex }
    var order: Int { 1 }

    mutating func forget() {}

    mutating func begin(at index: Int) {
        run.callIndex = index
        forget()
    }

    func scaleModelInput(_ sample: [Float]) -> [Float] { sample }

    func addNoise(_ noise: [Float], to original: [Float], at index: Int) -> [Float] {
        let alpha = run.training.alpha(at: run.steps[index])
        let signal = alpha.squareRoot()
        let share = (1 - alpha).squareRoot()
        return Elementwise.map(original, noise) { signal * $0 + share * $1 }
    }
}
