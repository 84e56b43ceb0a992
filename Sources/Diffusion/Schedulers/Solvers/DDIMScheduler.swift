/// Denoising diffusion implicit models without noise (Song et al. 2021, eta 0), as diffusers'
/// `DDIMScheduler`.
struct DDIMScheduler: TimestepScheduler {
    var run: TimestepRun
    /// Training timesteps per step.
    let stride: Int

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let timestep = run.steps[run.callIndex]
        run.callIndex += 1
        let alpha = run.training.alpha(at: timestep)
        let next = run.alpha(before: timestep - stride)
        let clean = run.settings.clipping.apply(
            run.denoised(modelOutput, sample, alpha: alpha))
        let direction = run.noise(modelOutput, sample, alpha: alpha)
        let signal = next.squareRoot()
        let share = (1 - next).squareRoot()
        return Elementwise.map(clean, direction) { signal * $0 + share * $1 }
    }
}
