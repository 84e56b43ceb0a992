/// How a command ended, as scripts see it.
enum ExitStatus: Int32, Sendable {
    case done = 0
    /// The run failed.
    case failed = 1
    /// Bad arguments or a bad request.
    case invalid = 2
    /// `replay --verify`: at least one picture differs.
    case different = 3
    /// SIGINT or SIGTERM.
    case interrupted = 130
}
