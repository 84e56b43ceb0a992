import Generation

/// What is wrong with a configuration file: every problem with its line and key.
public struct ConfigurationError: UserFacingError, Hashable {
    /// One thing that is wrong.
    public struct Problem: Hashable, Sendable {
        /// Line, from 1; nil when it concerns the whole file.
        public let line: Int?
        /// What is wrong, with the key.
        public let text: String
    }

    /// The file.
    public let file: String
    /// At least one.
    public let problems: [Problem]

    public var summary: String {
        problems.map { problem in
            let place = problem.line.map { "\(printable(file)), line \($0)" } ?? printable(file)
            return "\(place): \(printable(problem.text))"
        }.joined(separator: "\n")
    }

    public var hint: String? { "correct the file, or move it away to use the defaults" }
}
