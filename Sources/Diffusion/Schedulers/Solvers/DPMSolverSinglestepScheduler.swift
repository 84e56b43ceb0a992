/// DPM-Solver and DPM-Solver++ as singlestep methods (Lu et al. 2022), as diffusers'
/// `DPMSolverSinglestepScheduler`: steps of rising order that share a base sample.
struct DPMSolverSinglestepScheduler: VariancePreservingScheduler {
    var run: SigmaRun
    private let settings: SchedulerSettings
    private let update: DPMSolverUpdate
    private let orders: [Int]
    /// The model's converted outputs, newest first.
    private var outputs: [[Float]] = []
    /// The sample at the start of the group of steps.
    private var base: [Float]?

    init(_ run: SigmaRun, settings: SchedulerSettings, steps: Int) {
        self.run = run
        self.settings = settings
        orders = Self.orders(steps: steps, settings)
        update = DPMSolverUpdate(
            algorithm: settings.algorithm, usesHeun: settings.solverType == "heun")
    }

    mutating func forget() {
        outputs = []
        base = nil
    }

    /// The order of every step: groups of rising order, lower ones where the steps do not divide.
    private static func orders(steps: Int, _ settings: SchedulerSettings) -> [Int] {
        let order = settings.order
        let lowers =
            settings.lowerOrderFinal || !steps.isMultiple(of: order) || !settings.endsAtSigmaMin
        let group = Array(1...order)
        func groups(_ count: Int) -> [Int] { (0..<max(count, 0)).flatMap { _ in group } }
        var orders = groups(steps / order)
        if lowers, order == 3 {
            switch steps % 3 {
            case 0: orders = groups(steps / 3 - 1) + [1, 2, 1]
            case 1: orders += [1]
            default: orders += [1, 2]
            }
        } else if lowers, order == 2 {
            orders = steps.isMultiple(of: 2) ? groups(steps / 2 - 1) + [1, 1] : orders + [1]
        }
        if !settings.endsAtSigmaMin { orders[orders.count - 1] = 1 }
        return orders
    }

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let index = run.callIndex
        outputs.insert(converted(modelOutput, sample), at: 0)
        outputs = Array(outputs.prefix(settings.order))
        let drawn = settings.algorithm.isStochastic ? noise() : nil
        let order = min(index < orders.count ? orders[index] : 1, outputs.count)
        if order == 1 || base == nil { base = sample }
        run.callIndex += 1
        let start = level(index - (order - 1))
        let weights = update.weights(from: start, to: level(index + 1), isThird: order == 3)
        return update.combine(
            weights, sample: base ?? sample, outputs: differences(order, at: index), noise: drawn)
    }

    private func converted(_ output: [Float], _ sample: [Float]) -> [Float] {
        let level = level(run.callIndex)
        guard settings.algorithm.predictsData else {
            return level.noise(output, sample, settings.prediction)
        }
        return settings.clipping.apply(level.denoised(output, sample, settings.prediction))
    }

    /// The oldest output of the group and the differences from it.
    private func differences(_ order: Int, at index: Int) -> [[Float]] {
        guard order > 1 else { return [outputs[0]] }
        let start = level(index - (order - 1)).lambda
        let h = level(index + 1).lambda - start
        let ratio = (level(index).lambda - start) / h
        guard order > 2 else {
            return [outputs[1], Elementwise.map(outputs[0], outputs[1]) { 1 / ratio * ($0 - $1) }]
        }
        let early = (level(index - 1).lambda - start) / h
        let near = Elementwise.map(outputs[1], outputs[2]) { 1 / early * ($0 - $1) }
        let far = Elementwise.map(outputs[0], outputs[2]) { 1 / ratio * ($0 - $1) }
        guard update.usesHeun else { return [outputs[2], far] }
        return [
            outputs[2],
            Elementwise.map(near, far) { (ratio * $0 - early * $1) / (ratio - early) },
            Elementwise.map(near, far) { 2 * ($1 - $0) / (ratio - early) },
        ]
    }
}
