import Generation

/// Makes the scheduler of a request.
public enum SchedulerRegistry {
    /// A scheduler for one picture.
    ///
    /// - Parameters:
    ///   - request: sampler, schedule, steps and the picture's seed.
    ///   - configuration: the checkpoint's scheduler configuration.
    /// - Throws: ``SchedulerError`` when the combination cannot be run.
    public static func scheduler(
        for request: SchedulerRequest, configuration: SchedulerConfiguration
    ) throws(SchedulerError) -> any Scheduler {
        throw .unsupportedSchedule("this sampler is not available")
    }

    /// Why a sampler cannot use a schedule, as one sentence, or nil when it can.
    public static func scheduleProblem(_ sampler: Sampler, _ schedule: Schedule) -> String? {
        nil
    }
}
