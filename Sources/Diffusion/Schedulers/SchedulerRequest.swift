import Generation

/// What a run wants from its solver.
public struct SchedulerRequest: Hashable, Sendable {
    /// The solver; nil: the checkpoint's own class with its own order and algorithm.
    public var sampler: Sampler?
    /// Where the noise levels are placed.
    public var schedule: Schedule
    /// Number of steps, from 1 up; two-call solvers call the UNet up to twice per step.
    public var steps: Int
    /// The picture's seed, for the solver that draws from a Brownian tree of its own.
    public var seed: UInt64

    /// A request for one picture.
    public init(sampler: Sampler?, schedule: Schedule = .default, steps: Int, seed: UInt64) {
        self.sampler = sampler
        self.schedule = schedule
        self.steps = steps
        self.seed = seed
    }
}
