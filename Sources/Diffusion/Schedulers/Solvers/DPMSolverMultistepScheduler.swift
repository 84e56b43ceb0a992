/// DPM-Solver and DPM-Solver++ as multistep methods, and their SDE variants (Lu et al. 2022), as
/// diffusers' `DPMSolverMultistepScheduler`: DPM++ 2M, 2M SDE and 3M SDE.
struct DPMSolverMultistepScheduler: VariancePreservingScheduler {
    /// Below this many steps the last ones use lower orders.
    private static let fewSteps = 15

    var run: SigmaRun
    private let settings: SchedulerSettings
    private let update: DPMSolverUpdate
    /// The model's converted outputs, newest first.
    private var outputs: [[Float]] = []

    init(_ run: SigmaRun, settings: SchedulerSettings) {
        self.run = run
        self.settings = settings
        update = DPMSolverUpdate(
            algorithm: settings.algorithm, usesHeun: settings.solverType == "heun")
    }

    mutating func forget() { outputs = [] }

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let index = run.callIndex
        let order = min(orderOfStep, outputs.count + 1)
        outputs.insert(converted(modelOutput, sample), at: 0)
        outputs = Array(outputs.prefix(settings.order))
        let drawn = settings.algorithm.isStochastic ? noise() : nil
        run.callIndex += 1
        let weights = update.weights(from: level(index), to: level(index + 1), isThird: order == 3)
        return update.combine(
            weights, sample: sample, outputs: differences(order, at: index), noise: drawn)
    }

    /// The order that the place in the schedule allows.
    private var orderOfStep: Int {
        let remaining = run.timesteps.count - run.callIndex
        let lowers = settings.lowerOrderFinal && run.timesteps.count < Self.fewSteps
        if remaining == 1, settings.eulerAtFinal || lowers || !settings.endsAtSigmaMin { return 1 }
        if remaining == 2, lowers { return min(settings.order, 2) }
        return settings.order
    }

    private func converted(_ output: [Float], _ sample: [Float]) -> [Float] {
        let level = level(run.callIndex)
        if settings.algorithm.predictsData {
            return settings.clipping.apply(level.denoised(output, sample, settings.prediction))
        }
        let noise = level.noise(output, sample, settings.prediction)
        guard settings.clipping.thresholds else { return noise }
        let clean = settings.clipping.apply(level.denoised(noise, sample, .epsilon))
        return Elementwise.map(sample, clean) { ($0 - level.alpha * $1) / level.sigma }
    }

    /// The newest output and its divided differences in log signal-to-noise ratio.
    private func differences(_ order: Int, at index: Int) -> [[Float]] {
        guard order > 1 else { return [outputs[0]] }
        let lambda = level(index).lambda
        let h = level(index + 1).lambda - lambda
        let before = level(index - 1).lambda
        let ratio = (lambda - before) / h
        let first = Elementwise.map(outputs[0], outputs[1]) { 1 / ratio * ($0 - $1) }
        guard order > 2 else { return [outputs[0], first] }
        let olderRatio = (before - level(index - 2).lambda) / h
        let older = Elementwise.map(outputs[1], outputs[2]) { 1 / olderRatio * ($0 - $1) }
        let blend = ratio / (ratio + olderRatio)
        let curvature = 1 / (ratio + olderRatio)
        return [
            outputs[0],
            Elementwise.map(first, older) { $0 + blend * ($0 - $1) },
            Elementwise.map(first, older) { curvature * ($0 - $1) },
        ]
    }
}
