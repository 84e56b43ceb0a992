import Foundation

/// Exponential integration with a polynomial in log rho (Zhang and Chen 2022), as diffusers'
/// `DEISMultistepScheduler`. It ends at the model's smallest level, not at zero.
struct DEISScheduler: VariancePreservingScheduler {
    /// Below this many steps the last ones use lower orders.
    private static let fewSteps = 15

    var run: SigmaRun
    private let settings: SchedulerSettings
    /// The noises the model predicted, newest first.
    private var outputs: [[Float]] = []

    init(_ run: SigmaRun, settings: SchedulerSettings) {
        self.run = run
        self.settings = settings
    }

    mutating func forget() { outputs = [] }

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let index = run.callIndex
        let order = min(orderOfStep, outputs.count + 1)
        outputs.insert(converted(modelOutput, sample), at: 0)
        outputs = Array(outputs.prefix(settings.order))
        run.callIndex += 1
        let start = level(index)
        let end = level(index + 1)
        guard order > 1 else {
            let keep = end.alpha / start.alpha
            let move = end.sigma * (exp(end.lambda - start.lambda) - 1)
            return Elementwise.map(sample, outputs[0]) { keep * $0 - move * $1 }
        }
        var sum = Elementwise.map(sample) { $0 / start.alpha }
        for (weight, output) in zip(weights(order, at: index), outputs) {
            sum = Elementwise.map(sum, output) { $0 + weight * $1 }
        }
        return Elementwise.map(sum) { end.alpha * $0 }
    }

    private var orderOfStep: Int {
        let remaining = run.timesteps.count - run.callIndex
        guard settings.lowerOrderFinal, run.timesteps.count < Self.fewSteps else {
            return settings.order
        }
        return min(settings.order, remaining)
    }

    private func converted(_ output: [Float], _ sample: [Float]) -> [Float] {
        let level = level(run.callIndex)
        let clean = settings.clipping.apply(level.denoised(output, sample, settings.prediction))
        return Elementwise.map(sample, clean) { ($0 - level.alpha * $1) / level.sigma }
    }

    /// The weights of the newest outputs: integrals of the Lagrange basis over the step.
    private func weights(_ order: Int, at index: Int) -> [Float] {
        let end = rho(index + 1)
        let points = (0..<order).map { rho(index - $0) }
        return (0..<order).map { current in
            let rotated = (0..<order).map { points[(current + $0) % order] }
            return integral(to: end, rotated) - integral(to: points[0], rotated)
        }
    }

    private func rho(_ index: Int) -> Float {
        let level = level(index)
        return level.sigma / level.alpha
    }

    /// The antiderivative of the basis polynomial of `points[0]` in log rho.
    private func integral(to t: Float, _ points: [Float]) -> Float {
        let time = NumPyMath.log(t)
        let b = NumPyMath.log(points[0])
        let c = NumPyMath.log(points[1])
        guard points.count > 2 else { return t * (-c + time - 1) / (b - c) }
        let d = NumPyMath.log(points[2])
        let inner = c * (d - time + 1) - d * time + d + time * time - 2 * time + 2
        return t * inner / ((b - c) * (b - d))
    }
}
