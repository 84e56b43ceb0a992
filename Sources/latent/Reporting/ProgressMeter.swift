import Generation

/// Follows the stages of a run and works out rate and time left. Pure: the clock is the caller's.
struct ProgressMeter {
    /// What is known at one moment.
    struct State: Hashable, Sendable {
        var stage: Stage
        /// Steps done and to do over all pictures; nil outside sampling.
        var stepsDone: Int?
        var stepsInAll: Int?
        /// Seconds per step; nil before the second step.
        var secondsPerStep: Double?
        /// Seconds until sampling ends; nil while unknown.
        var secondsLeft: Double?
    }

    private var firstStep: (done: Int, at: Double)?

    /// Takes a stage that was reported at `now` seconds of any clock.
    mutating func update(_ stage: Stage, at now: Double) -> State {
        guard case .sampling(let step, let count, let image, let imageCount) = stage else {
            return State(stage: stage)
        }
        let done = image * count + step
        let total = imageCount * count
        var state = State(stage: stage, stepsDone: done, stepsInAll: total)
        if let first = firstStep, done > first.done {
            let rate = (now - first.at) / Double(done - first.done)
            state.secondsPerStep = rate
            state.secondsLeft = rate * Double(total - done)
        } else if firstStep == nil {
            firstStep = (done, now)
        }
        return state
    }
}
