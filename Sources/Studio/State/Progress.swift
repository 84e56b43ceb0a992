import Generation

/// What is known about a running job. Times are seconds of a clock that only goes forward.
public struct Progress: Hashable, Sendable {
    public var stage: Stage?
    public var startedAt: Double
    public var now: Double
    /// Sampling steps that are done, over all pictures.
    public var stepsDone = 0
    /// Sampling steps in all, 0 while unknown.
    public var stepsTotal = 0
    /// What the backend said about the run on the way.
    public var warnings: [String] = []
    /// When sampling began.
    public var samplingSince: Double?
    /// When the last step was done.
    public var lastStepAt: Double?

    public init(startedAt: Double) {
        self.startedAt = startedAt
        now = startedAt
    }

    /// Takes note of a stage that was reported at `time`.
    public mutating func report(_ stage: Stage, at time: Double) {
        self.stage = stage
        now = max(now, time)
        guard case .sampling(let step, let count, let image, let imageCount) = stage else { return }
        if samplingSince == nil { samplingSince = time }
        stepsDone = image * count + step
        stepsTotal = count * max(1, imageCount)
        if step > 0 { lastStepAt = time }
    }

    /// Measured seconds of a step; nil before the first.
    public var secondsPerStep: Double? {
        guard let samplingSince, let lastStepAt, stepsDone > 0 else { return nil }
        return (lastStepAt - samplingSince) / Double(stepsDone)
    }

    /// Seconds until sampling ends; nil while unknown.
    public var remaining: Double? {
        guard let secondsPerStep, let lastStepAt else { return nil }
        let sinceStep = max(0, now - lastStepAt)
        return max(0, Double(stepsTotal - stepsDone) * secondsPerStep - sinceStep)
    }

    /// The share that is done, 0...1.
    public var fraction: Double {
        if case .loading(let fraction)? = stage { return fraction * 0.02 }
        guard stepsTotal > 0 else { return 0 }
        return min(1, Double(stepsDone) / Double(stepsTotal))
    }
}
