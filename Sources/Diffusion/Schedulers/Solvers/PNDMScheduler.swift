/// Pseudo numerical methods on the diffusion manifold (Liu et al. 2022), as diffusers'
/// `PNDMScheduler`: a linear multistep that starts with Runge-Kutta calls, or, with `skip_prk_steps`
/// (SDXL), by calling the second timestep twice.
struct PNDMScheduler: TimestepScheduler {
    var run: TimestepRun
    private let stride: Int
    /// How many of the first calls are Runge-Kutta calls.
    private let startCalls: Int
    private let warmTimesteps: [Int]

    private var counter = 0
    /// Predicted noises, newest last.
    private var history: [[Float]] = []
    private var accumulated: [Float]?
    private var begun: [Float]?

    init(
        settings: SchedulerSettings, training: TrainingSchedule, steps: Int
    ) throws(SchedulerError) {
        let spaced = settings.spacing.timesteps(
            steps: steps, train: settings.trainTimesteps, offset: settings.stepsOffset)
        let ascending = spaced.reversed().map { Int($0.rounded(.toNearestOrEven)) }
        stride = settings.trainTimesteps / steps
        let warm: [Int]
        let plain: [Int]
        if settings.skipsPRKSteps {
            warm = []
            plain = ascending.dropLast() + ascending.suffix(2).dropLast() + ascending.suffix(1)
        } else {
            guard steps >= 4 else {
                throw .unsupportedSteps(steps, reason: "pndm starts with 4 Runge-Kutta steps")
            }
            let half = stride / 2
            let doubled = ascending.suffix(4).flatMap { [$0, $0 + half] }.dropLast()
            warm = doubled.flatMap { [$0, $0] }.dropFirst().dropLast().reversed()
            plain = ascending.dropLast(3)
        }
        warmTimesteps = warm
        startCalls = warm.count
        run = TimestepRun(steps: warm + plain.reversed(), training: training, settings: settings)
    }

    mutating func forget() {
        counter = 0
        history = []
        accumulated = nil
        begun = nil
    }

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let timestep = run.steps[run.callIndex]
        defer {
            run.callIndex += 1
            counter += 1
        }
        return counter < startCalls
            ? rungeKutta(modelOutput, sample, timestep) : multistep(modelOutput, sample, timestep)
    }

    private mutating func rungeKutta(
        _ output: [Float], _ sample: [Float], _ timestep: Int
    ) -> [Float] {
        let previous = timestep - (counter.isMultiple(of: 2) ? stride / 2 : 0)
        let group = warmTimesteps[counter / 4 * 4]
        let weight: Float = counter % 4 == 0 || counter % 4 == 3 ? 1.0 / 6 : 1.0 / 3
        let part = Elementwise.map(output) { weight * $0 }
        let sum = accumulated.map { Elementwise.map($0, part) { $0 + $1 } } ?? part
        accumulated = sum
        if counter % 4 == 0 {
            history.append(output)
            begun = sample
        }
        guard counter % 4 == 3 else {
            return advance(begun ?? sample, from: group, to: previous, output)
        }
        accumulated = nil
        return advance(begun ?? sample, from: group, to: previous, sum)
    }

    private mutating func multistep(
        _ output: [Float], _ sample: [Float], _ timestep: Int
    ) -> [Float] {
        var from = timestep
        var to = timestep - stride
        if counter == 1 {
            to = timestep
            from = timestep + stride
        } else {
            history = history.suffix(3) + [output]
        }
        var start = sample
        if history.count == 1, counter == 0 { begun = sample }
        if history.count == 1, counter == 1 {
            start = begun ?? sample
            begun = nil
        }
        return advance(start, from: from, to: to, extrapolated(output))
    }

    /// Adams-Bashforth weights on the noises known so far.
    private func extrapolated(_ output: [Float]) -> [Float] {
        let newest = Array(history.reversed())
        switch newest.count {
        case 1 where counter == 0: return output
        case 1: return Elementwise.map(output, newest[0]) { ($0 + $1) / 2 }
        case 2: return Elementwise.map(newest[0], newest[1]) { (3 * $0 - $1) / 2 }
        case 3:
            return Elementwise.map(newest[0], newest[1], newest[2]) {
                (23 * $0 - 16 * $1 + 5 * $2) / 12
            }
        default:
            let near = Elementwise.map(newest[0], newest[1], newest[2]) {
                55 * $0 - 59 * $1 + 37 * $2
            }
            return Elementwise.map(near, newest[3]) { Float(1.0 / 24) * ($0 - 9 * $1) }
        }
    }

    /// Formula 9 of the paper: the transfer from one timestep to another.
    private func advance(
        _ sample: [Float], from timestep: Int, to previous: Int, _ output: [Float]
    ) -> [Float] {
        let alpha = run.training.alpha(at: timestep)
        let next = run.alpha(before: previous)
        let beta = 1 - alpha
        let predicted = run.noise(output, sample, alpha: alpha)
        let keep = (next / alpha).squareRoot()
        let divisor = alpha * (1 - next).squareRoot() + (alpha * beta * next).squareRoot()
        let change = next - alpha
        return Elementwise.map(sample, predicted) { keep * $0 - change * $1 / divisor }
    }
}
