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
    /// Pictures that the steps are of.
    private var imageCount = 1
    /// When the first steps were reported, and how many these were.
    private var firstStepAt: Double?
    private var firstSteps = 0
    /// When the last step was done.
    public var lastStepAt: Double?
    /// Seconds that went to waiting at a service and to reading weights.
    public private(set) var preparation = 0.0
    /// Whether weights were read: the first step then prepares them, and so does what comes before
    /// and after the steps. The next run with the same model does not.
    public private(set) var hasLoaded = false
    /// When the stage was reported.
    private var stageSince: Double?

    public init(startedAt: Double) {
        self.startedAt = startedAt
        now = startedAt
    }

    /// Takes note of a stage that was reported at `time`.
    public mutating func report(_ stage: Stage, at time: Double) {
        if let stageSince, self.stage?.isPreparation == true {
            preparation += max(0, time - stageSince)
        }
        if case .loading = stage { hasLoaded = true }
        self.stage = stage
        stageSince = time
        now = max(now, time)
        guard case .sampling(let step, let count, let image, let imageCount) = stage else { return }
        if samplingSince == nil { samplingSince = time }
        stepsDone = image * count + step
        stepsTotal = count * max(1, imageCount)
        self.imageCount = max(1, imageCount)
        guard step > 0 else { return }
        if firstStepAt == nil { (firstStepAt, firstSteps) = (time, stepsDone) }
        lastStepAt = time
    }

    /// Measured seconds of a step; nil before the first.
    public var secondsPerStep: Double? {
        guard let samplingSince, let lastStepAt, stepsDone > 0 else { return nil }
        return (lastStepAt - samplingSince) / Double(stepsDone)
    }

    /// Seconds of a step without the first one; nil before the second, and where several pictures run
    /// one after another, between whose steps other work lies.
    public var steadySecondsPerStep: Double? {
        guard imageCount == 1, let firstStepAt, let lastStepAt, stepsDone > firstSteps else {
            return nil
        }
        return (lastStepAt - firstStepAt) / Double(stepsDone - firstSteps)
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

extension Stage {
    /// Whether the next run with the same model is spared it.
    fileprivate var isPreparation: Bool {
        switch self {
        case .queued, .loading: true
        default: false
        }
    }
}
