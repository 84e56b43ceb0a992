import Foundation

/// DPM-Solver-2 with ancestral noise (k-diffusion's `sample_dpm_2_ancestral`), as diffusers'
/// `KDPM2AncestralDiscreteScheduler`. Two UNet calls per step, one in the last; noise is drawn on
/// the second call only.
struct DPM2AncestralScheduler: SigmaScheduler {
    var run: SigmaRun
    /// Levels per step, the final one included.
    private let levels: [Float]
    private let midpoints: [Float]
    private var begun: [Float]?

    init(_ run: SigmaRun, training: TrainingSchedule) {
        let levels = run.sigmas
        let steps = run.timesteps.count
        let midpoints = levels.indices.map { index -> Float in
            guard index < steps - 1 else { return 0 }
            let down = AncestralSplit(from: levels[index], to: levels[index + 1]).down
            return exp(lerp(log(levels[index]), log(down), 0.5))
        }
        self.levels = levels
        self.midpoints = midpoints
        self.run = run
        self.run.sigmas = SigmaRun.interleaved(levels, finalCopies: 3)
        self.run.timesteps = run.timesteps.indices.flatMap { index -> [Float] in
            guard index > 0 else { return [run.timesteps[index]] }
            return [Float(training.timestep(ofSigma: midpoints[index - 1])), run.timesteps[index]]
        }
    }

    var order: Int { 2 }

    mutating func forget() { begun = nil }

    /// The step a call belongs to.
    private var stepIndex: Int { run.callIndex / 2 }

    func scaleModelInput(_ sample: [Float]) -> [Float] {
        SigmaRun.scaled(sample, by: begun == nil ? levels[stepIndex] : midpoints[stepIndex])
    }

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let sigma = levels[stepIndex]
        let midpoint = midpoints[stepIndex]
        let split = AncestralSplit(from: sigma, to: levels[stepIndex + 1])
        run.callIndex += 1
        if let start = begun {
            begun = nil
            let change = split.down - sigma
            let clean = run.denoised(modelOutput, sample, sigma: midpoint)
            let moved = Elementwise.map(start, sample, clean) {
                $0 + ($1 - $2) / midpoint * change
            }
            return Elementwise.map(moved, noise()) { $0 + $1 * split.up }
        }
        begun = sample
        let change = midpoint - sigma
        let clean = run.denoised(modelOutput, sample, sigma: sigma)
        return Elementwise.map(sample, clean) { $0 + ($0 - $1) / sigma * change }
    }
}
