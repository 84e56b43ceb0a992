import Foundation

/// DPM-Solver-2 in k-diffusion's form (Karras et al. 2022, algorithm 2 with a midpoint in log sigma),
/// as diffusers' `KDPM2DiscreteScheduler`. Two UNet calls per step, one in the last.
struct DPM2Scheduler: SigmaScheduler {
    var run: SigmaRun
    private let midpoints: [Float]
    private var begun: [Float]?

    init(_ run: SigmaRun, training: TrainingSchedule) {
        let sigmas = run.sigmas
        // Entry i lies between the levels i - 1 and i; the first has no meaning.
        let between = sigmas.indices.map { index in
            let previous = sigmas[index == 0 ? sigmas.count - 1 : index - 1]
            return exp(lerp(log(sigmas[index]), log(previous), 0.5))
        }
        self.run = run
        self.run.sigmas = SigmaRun.interleaved(sigmas, finalCopies: 3)
        midpoints = SigmaRun.interleaved(between, finalCopies: 3)
        self.run.timesteps = run.timesteps.indices.flatMap { index -> [Float] in
            guard index > 0 else { return [run.timesteps[index]] }
            return [Float(training.timestep(ofSigma: between[index])), run.timesteps[index]]
        }
    }

    var order: Int { 2 }

    mutating func forget() { begun = nil }

    func scaleModelInput(_ sample: [Float]) -> [Float] {
        let sigma = begun == nil ? run.sigmas[run.callIndex] : midpoints[run.callIndex]
        return SigmaRun.scaled(sample, by: sigma)
    }

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let index = run.callIndex
        run.callIndex += 1
        if let start = begun {
            begun = nil
            let midpoint = midpoints[index]
            let change = run.sigmas[index] - run.sigmas[index - 1]
            let clean = run.denoised(modelOutput, sample, sigma: midpoint)
            return Elementwise.map(start, sample, clean) { $0 + ($1 - $2) / midpoint * change }
        }
        begun = sample
        let sigma = run.sigmas[index]
        let change = midpoints[index + 1] - sigma
        let clean = run.denoised(modelOutput, sample, sigma: sigma)
        return Elementwise.map(sample, clean) { $0 + ($0 - $1) / sigma * change }
    }
}
