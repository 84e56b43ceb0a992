import Generation

/// The studio cannot be shown here.
public enum TerminalUnavailable: UserFacingError, Hashable {
    /// Standard input or output is not a terminal.
    case notATerminal
    /// Terminfo has no entry for the `TERM` of the environment.
    case unknownType(String)

    public var summary: String {
        switch self {
        case .notATerminal: "the studio needs a terminal on standard input and output"
        case .unknownType(let name):
            "the terminal type \"\(printable(name, limit: 40))\" (TERM) is not known here"
        }
    }

    public var hint: String? {
        switch self {
        case .notATerminal: "run `latent` without pipes, or use `latent generate` in scripts"
        case .unknownType: "install its terminfo entry, or try TERM=xterm-256color"
        }
    }
}
