import Foundation

/// DPM-Solver++ (SDE) with a midpoint call and noise from a Brownian tree (k-diffusion's
/// `sample_dpmpp_sde`), as diffusers' `DPMSolverSDEScheduler`. Two UNet calls per step, one in the
/// last. The tree is seeded with the picture's seed; nothing is drawn from the caller.
struct DPMSDEScheduler: SigmaScheduler {
    var run: SigmaRun
    private let seed: UInt64
    private var tree: BrownianTreeNoise?
    private var begun: [Float]?

    init(_ run: SigmaRun, levels: NoiseLevels, training: TrainingSchedule, seed: UInt64) {
        self.run = run
        self.seed = seed
        self.run.sigmas = SigmaRun.interleaved(run.sigmas, finalCopies: 1)
        self.run.timesteps = run.timesteps.indices.flatMap { index -> [Float] in
            guard index > 0 else { return [run.timesteps[index]] }
            let start = -log(levels.sigmas[index - 1])
            let end = -log(levels.sigmas[index])
            let sigma = exp(-(start + (end - start) * 0.5))
            return [Float(training.timestep(ofSigma: sigma)), run.timesteps[index]]
        }
    }

    var order: Int { 2 }

    mutating func forget() { begun = nil }

    func scaleModelInput(_ sample: [Float]) -> [Float] {
        SigmaRun.scaled(sample, by: begun == nil ? run.sigmas[run.callIndex] : Span(self).midSigma)
    }

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let span = Span(self)
        defer { run.callIndex += 1 }
        let sigma = begun == nil ? span.sigma : span.midSigma
        let clean = run.denoised(modelOutput, sample, sigma: sigma)
        guard span.next != 0 else {
            let change = span.next - span.sigma
            return Elementwise.map(sample, clean) { $0 + ($0 - $1) / span.sigma * change }
        }
        let target = begun == nil ? span.midTime : span.endTime
        let start = begun ?? sample
        begun = begun == nil ? sample : nil
        return advance(start, clean, from: span.time, to: target)
    }

    /// One exponential step in log time, with ancestral noise.
    private mutating func advance(
        _ sample: [Float], _ clean: [Float], from time: Float, to target: Float
    ) -> [Float] {
        let from = exp(-time)
        let to = exp(-target)
        let up = min(to, (to * to * (from * from - to * to) / (from * from)).squareRoot())
        let down = (to * to - up * up).squareRoot()
        let ancestral = -log(down)
        let keep = exp(-ancestral) / exp(-time)
        let replace = expm1(time - ancestral)
        let noise = brownianNoise(from: from, to: to, count: sample.count)
        return Elementwise.map(sample, clean, noise) { keep * $0 - replace * $1 + $2 * up }
    }

    private mutating func brownianNoise(from sigma: Float, to next: Float, count: Int) -> [Float] {
        let positive = run.sigmas.filter { $0 > 0 }
        let low = positive.min() ?? 0
        let range = low...max(positive.max() ?? low, low)
        var current = tree ?? BrownianTreeNoise(range: range, count: count, seed: seed)
        defer { tree = current }
        return current.noise(from: sigma, to: next)
    }

    /// The step a call belongs to, in noise levels and in log time.
    private struct Span {
        let sigma: Float
        let next: Float
        let time: Float
        let endTime: Float
        let midTime: Float

        init(_ scheduler: DPMSDEScheduler) {
            let first = scheduler.run.callIndex - (scheduler.begun == nil ? 0 : 1)
            sigma = scheduler.run.sigmas[first]
            next = scheduler.run.sigmas[first + 1]
            time = -log(sigma)
            endTime = -log(next)
            midTime = time + (endTime - time) * 0.5
        }

        var midSigma: Float { exp(-midTime) }
    }
}
