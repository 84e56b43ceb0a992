import Generation

/// Why a scheduler cannot be made from a request and a checkpoint's configuration.
public enum SchedulerError: UserFacingError, Equatable {
    /// The sampler has no such schedule; the sentence says why.
    case unsupportedSchedule(String)
    /// The checkpoint's scheduler configuration asks for something that does not exist.
    case unsupportedConfiguration(key: String, value: String)
    /// The number of steps does not fit the solver or the training schedule.
    case unsupportedSteps(Int, reason: String)
    /// `scheduler_config.json` could not be read as such.
    case unreadableConfiguration(String)

    /// One sentence: what is wrong and where.
    public var summary: String {
        switch self {
        case .unsupportedSchedule(let why): why
        case .unsupportedConfiguration(let key, let value):
            "the checkpoint's scheduler configuration says \(key) = \(printable(value, limit: 80)), "
                + "which this sampler does not know"
        case .unsupportedSteps(let steps, let reason): "\(steps) steps are not possible: \(reason)"
        case .unreadableConfiguration(let why):
            "the checkpoint's scheduler_config.json cannot be read: \(printable(why))"
        }
    }

    /// What to do about it.
    public var hint: String? {
        switch self {
        case .unsupportedSchedule: "use --schedule default, or another --sampler"
        case .unsupportedConfiguration: "choose another --sampler, or correct scheduler_config.json"
        case .unsupportedSteps: "choose another number of --steps"
        case .unreadableConfiguration: "restore the file from where the checkpoint came from"
        }
    }
}
