import Generation

/// Everything that is wrong with a command line, collected before any work starts.
struct ArgumentProblems: Sendable {
    private(set) var descriptions: [String] = []

    var isEmpty: Bool { descriptions.isEmpty }

    /// Adds `OPTION VALUE: REASON`; the value is made safe for a terminal.
    mutating func add(_ option: String, _ value: String, _ reason: String) {
        let shown = printable(value, limit: 80)
        descriptions.append(
            shown.isEmpty ? "\(option): \(reason)" : "\(option) \(shown): \(reason)")
    }

    /// Adds an error of a file that an option names.
    mutating func add(_ option: String, _ error: any UserFacingError) {
        descriptions.append("\(option): \(error)")
    }

    /// Adds an error that names its option itself.
    mutating func add(_ error: any UserFacingError) {
        descriptions.append("\(error)")
    }

    /// Adds what a request and a backend's capabilities say, without repeating an option that is
    /// already named.
    mutating func add(_ problems: [RequestProblem]) {
        for problem in problems where !descriptions.contains(problem.description) {
            descriptions.append(problem.description)
        }
    }

    /// - Throws: ``InvalidArguments`` when there are problems.
    func throwIfAny() throws {
        guard isEmpty else { throw InvalidArguments(descriptions: descriptions) }
    }
}

/// A command line that cannot run; exit status 2.
struct InvalidArguments: UserFacingError, Hashable {
    let descriptions: [String]

    var summary: String { descriptions.joined(separator: "\n") }
    var hint: String? { nil }
}
