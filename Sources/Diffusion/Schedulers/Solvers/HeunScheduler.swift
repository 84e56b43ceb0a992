/// Heun's second-order method: algorithm 2 of Karras et al. 2022 with its correction, as diffusers'
/// `HeunDiscreteScheduler`. Two UNet calls per step, one in the last.
struct HeunScheduler: SigmaScheduler {
    var run: SigmaRun
    private let clipping: SampleClipping
    private var pending: Pending?

    /// The first half of a step.
    private struct Pending {
        let derivative: [Float]
        let change: Float
        let sample: [Float]
    }

    init(_ run: SigmaRun, clipping: SampleClipping) {
        self.run = run
        self.clipping = clipping
        self.run.sigmas = SigmaRun.interleaved(run.sigmas, finalCopies: 1)
        self.run.timesteps =
            run.timesteps.prefix(1) + run.timesteps.dropFirst().flatMap { [$0, $0] }
    }

    var order: Int { 2 }

    mutating func forget() { pending = nil }

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let sigma = run.sigmas[run.callIndex]
        let clean = clipping.apply(run.denoised(modelOutput, sample, sigma: sigma))
        let derivative = Elementwise.map(sample, clean) { ($0 - $1) / sigma }
        defer { run.callIndex += 1 }
        if let begun = pending {
            pending = nil
            let change = begun.change
            return Elementwise.map(begun.sample, begun.derivative, derivative) {
                $0 + ($1 + $2) / 2 * change
            }
        }
        let change = run.sigmas[run.callIndex + 1] - sigma
        pending = Pending(derivative: derivative, change: change, sample: sample)
        return Elementwise.map(sample, derivative) { $0 + $1 * change }
    }
}
