/// Trajectory consistency distillation (Zheng et al. 2024) without noise (eta 0, which is what the
/// pipelines pass), as diffusers' `TCDScheduler`.
struct TCDScheduler: TimestepScheduler {
    var run: TimestepRun

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let index = run.callIndex
        run.callIndex += 1
        let alpha = run.training.alpha(at: run.steps[index])
        let target = index + 1 < run.steps.count ? run.steps[index + 1] : 0
        let next = run.training.alpha(at: target)
        let clean = run.denoised(modelOutput, sample, alpha: alpha)
        let direction = run.noise(modelOutput, sample, alpha: alpha)
        let signal = next.squareRoot()
        let share = (1 - next).squareRoot()
        return Elementwise.map(clean, direction) { signal * $0 + share * $1 }
    }
}
