/// Euler steps a little further down than the next level and noise back up to it (k-diffusion's
/// `sample_euler_ancestral`), as diffusers' `EulerAncestralDiscreteScheduler`.
struct EulerAncestralScheduler: SigmaScheduler {
    var run: SigmaRun

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let sigma = run.sigmas[run.callIndex]
        let split = AncestralSplit(from: sigma, to: run.sigmas[run.callIndex + 1])
        run.callIndex += 1
        let clean = run.denoised(modelOutput, sample, sigma: sigma)
        let change = split.down - sigma
        // The reference draws on the last step too, where the noise has no weight.
        return Elementwise.map(sample, clean, noise()) {
            $0 + ($0 - $1) / sigma * change + $2 * split.up
        }
    }
}

/// How an ancestral step divides: down to `down` without noise, then up again by noise `up`.
struct AncestralSplit {
    let up: Float
    let down: Float

    init(from sigma: Float, to next: Float) {
        let square = sigma * sigma
        let nextSquare = next * next
        up = (nextSquare * (square - nextSquare) / square).squareRoot()
        down = (nextSquare - up * up).squareRoot()
    }
}
