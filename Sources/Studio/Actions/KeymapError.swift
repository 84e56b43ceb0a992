import Generation

/// What is wrong with the key bindings of the configuration: every problem with its key.
public struct KeymapError: UserFacingError, Hashable {
    /// At least one sentence, each beginning with the key of the configuration.
    public let problems: [String]

    public var summary: String { problems.map { printable($0) }.joined(separator: "\n") }

    public var hint: String? {
        "keys are written like Ctrl-P, Alt-Enter, F5 or x; F1 in the studio shows all actions"
    }
}
