/// Euler's method on the probability-flow ODE: algorithm 2 of Karras et al. 2022 without churn,
/// as diffusers' `EulerDiscreteScheduler`.
struct EulerScheduler: SigmaScheduler {
    var run: SigmaRun

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let sigma = run.sigmas[run.callIndex]
        let change = run.sigmas[run.callIndex + 1] - sigma
        run.callIndex += 1
        let clean = run.denoised(modelOutput, sample, sigma: sigma)
        return Elementwise.map(sample, clean) { $0 + ($0 - $1) / sigma * change }
    }
}
