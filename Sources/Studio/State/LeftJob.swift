import Generation

/// A job that a service has taken from a program which is gone: its result can be fetched.
public struct LeftJob: Hashable, Sendable {
    /// The history entry.
    public let entry: String
    public let request: GenerationRequest
    /// What the service calls it.
    public let task: String
    /// The server that was named for this job alone; nil: the backend's own.
    public let server: String?

    public init(entry: String, request: GenerationRequest, task: String, server: String? = nil) {
        self.entry = entry
        self.request = request
        self.task = task
        self.server = server
    }
}
