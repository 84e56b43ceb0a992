/// One thing that is wrong with a request, in the words of the person who wrote it.
public struct RequestProblem: Hashable, Sendable, CustomStringConvertible {
    /// The field.
    public let field: RequestField
    /// The value as given, made printable.
    public let value: String
    /// What is accepted, or why it is not.
    public let reason: String

    /// A problem with `value`, which is made safe for a terminal.
    public init(field: RequestField, value: String, reason: String) {
        self.field = field
        self.value = printable(value, limit: 80)
        self.reason = reason
    }

    /// `--steps 0: a whole number from 1 to 1000 is needed`.
    public var description: String {
        value.isEmpty ? "\(field.option): \(reason)" : "\(field.option) \(value): \(reason)"
    }
}

/// All problems of a request at once; exit status 2.
public struct InvalidRequest: UserFacingError, Hashable {
    /// At least one problem.
    public let problems: [RequestProblem]

    /// Wraps what ``GenerationRequest/problems(for:)`` found.
    public init(problems: [RequestProblem]) {
        self.problems = problems
    }

    public var summary: String {
        problems.map(\.description).joined(separator: "\n")
    }

    public var hint: String? { nil }
}
