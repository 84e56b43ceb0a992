import Foundation

/// UniPC: a predictor and a corrector of any order that share their outputs (Zhao et al. 2023), as
/// diffusers' `UniPCMultistepScheduler`.
struct UniPCScheduler: VariancePreservingScheduler {
    var run: SigmaRun
    private let settings: SchedulerSettings
    /// The model's converted outputs, newest first.
    private var outputs: [[Float]] = []
    private var lastSample: [Float]?
    private var lastOrder = 1

    init(_ run: SigmaRun, settings: SchedulerSettings) {
        self.run = run
        self.settings = settings
    }

    mutating func forget() {
        outputs = []
        lastSample = nil
    }

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let index = run.callIndex
        let output = converted(modelOutput, sample)
        var corrected = sample
        if index > 0, let lastSample, !settings.disabledCorrector.contains(index - 1) {
            let move = UniPCMove(self, from: index - 1, order: lastOrder)
            let weights = move.correctorWeights
            let newest = outputs[0]
            var change = move.weighted(weights.dropLast(), outputs)
            let share = weights[weights.count - 1]
            let difference = Elementwise.map(output, newest) { share * ($0 - $1) }
            change = change.map { Elementwise.map($0, difference) { $0 + $1 } } ?? difference
            corrected = move.advance(lastSample, newest, change: change)
        }
        let isNew = outputs.count
        outputs.insert(output, at: 0)
        outputs = Array(outputs.prefix(settings.order))
        let remaining = run.timesteps.count - index
        let wanted = settings.lowerOrderFinal ? min(settings.order, remaining) : settings.order
        lastOrder = min(wanted, isNew + 1)
        lastSample = corrected
        run.callIndex += 1
        let move = UniPCMove(self, from: index, order: lastOrder)
        let change = move.weighted(move.predictorWeights[...], outputs)
        return move.advance(corrected, outputs[0], change: change)
    }

    private func converted(_ output: [Float], _ sample: [Float]) -> [Float] {
        let level = level(run.callIndex)
        guard settings.predictsX0 else { return level.noise(output, sample, settings.prediction) }
        return settings.clipping.apply(level.denoised(output, sample, settings.prediction))
    }

    /// The numbers of a move from one level to the next.
    fileprivate struct UniPCMove {
        private let predictsX0: Bool
        private let start: VariancePreservingLevel
        private let end: VariancePreservingLevel
        private let order: Int
        /// Places of the older outputs, in units of the step; the last is the move's end.
        private let ratios: [Float]
        private let hh: Float
        private let usesExponential: Bool

        init(_ scheduler: UniPCScheduler, from index: Int, order: Int) {
            predictsX0 = scheduler.settings.predictsX0
            usesExponential = scheduler.settings.solverType == "bh2"
            self.order = order
            let first = scheduler.level(index)
            let second = scheduler.level(index + 1)
            start = first
            end = second
            let h = second.lambda - first.lambda
            ratios =
                (1..<max(order, 1)).map { (scheduler.level(index - $0).lambda - first.lambda) / h }
                + [1]
            hh = predictsX0 ? -h : h
        }

        private var bh: Float { usesExponential ? expm1(hh) : hh }

        /// The system whose solution weighs the differences: rows of powers, and their moments.
        private var system: (rows: [[Float]], moments: [Float]) {
            var phi = expm1(hh) / hh - 1
            var factorial: Float = 1
            var rows: [[Float]] = []
            var moments: [Float] = []
            for power in 1...order {
                rows.append(ratios.map { pow($0, Float(power - 1)) })
                moments.append(phi * factorial / bh)
                factorial *= Float(power + 1)
                phi = phi / hh - 1 / factorial
            }
            return (rows, moments)
        }

        var predictorWeights: [Float] {
            if order == 1 { return [] }
            if order == 2 { return [0.5] }
            let (rows, moments) = system
            return solve(rows.dropLast().map { Array($0.dropLast()) }, Array(moments.dropLast()))
        }

        var correctorWeights: [Float] {
            if order == 1 { return [0.5] }
            let (rows, moments) = system
            return solve(rows, moments)
        }

        /// The weighted sum of the differences between older outputs and the newest, or nil when
        /// there are none.
        func weighted(_ weights: ArraySlice<Float>, _ outputs: [[Float]]) -> [Float]? {
            var sum: [Float]?
            for (offset, weight) in weights.enumerated() {
                let ratio = ratios[offset]
                let part = Elementwise.map(outputs[offset + 1], outputs[0]) {
                    weight * (($0 - $1) / ratio)
                }
                sum = sum.map { Elementwise.map($0, part) { $0 + $1 } } ?? part
            }
            return sum
        }

        /// The exponential step plus the weighted differences.
        func advance(_ sample: [Float], _ output: [Float], change: [Float]?) -> [Float] {
            let keep = predictsX0 ? end.sigma / start.sigma : end.alpha / start.alpha
            let scale = predictsX0 ? end.alpha : end.sigma
            let move = scale * expm1(hh)
            let base = Elementwise.map(sample, output) { keep * $0 - move * $1 }
            guard let change else { return base }
            let factor = scale * bh
            return Elementwise.map(base, change) { $0 - factor * $1 }
        }
    }
}

/// Gaussian elimination with partial pivoting, in float32 as the reference solves it.
private func solve(_ rows: [[Float]], _ moments: [Float]) -> [Float] {
    var rows = zip(rows, moments).map { $0 + [$1] }
    let size = rows.count
    for column in 0..<size {
        let pivot = (column..<size).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
        rows.swapAt(column, pivot)
        for row in column + 1..<max(size, column + 1) {
            let factor = rows[row][column] / rows[column][column]
            for entry in column...size { rows[row][entry] -= factor * rows[column][entry] }
        }
    }
    var solution = [Float](repeating: 0, count: size)
    for row in (0..<size).reversed() {
        let known = (row + 1..<max(size, row + 1)).reduce(Float(0)) {
            $0 + rows[row][$1] * solution[$1]
        }
        solution[row] = (rows[row][size] - known) / rows[row][row]
    }
    return solution
}
