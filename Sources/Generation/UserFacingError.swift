/// An error that a person can act on: one sentence that says what went wrong and where, and a hint
/// that says what to do.
///
/// The command line prints `summary` and `hint`; the studio shows them in the status line. Texts
/// that come from files or servers must be passed through ``printable(_:limit:)`` first.
public protocol UserFacingError: Error, CustomStringConvertible {
    /// One sentence: what and where.
    var summary: String { get }
    /// What to do about it, or nil when there is nothing to do.
    var hint: String? { get }
}

extension UserFacingError {
    /// The summary, followed by the hint when there is one.
    public var description: String {
        hint.map { "\(summary) (\($0))" } ?? summary
    }
}

/// An error after which a service may still have the job: its result can be fetched later.
public protocol ResumableError: UserFacingError {
    /// Whether there is a task to come back for.
    var isResumable: Bool { get }
}

/// Makes untrusted text safe for a terminal: control characters (escape sequences, new lines, C1
/// controls, bidirectional overrides) become spaces, and the text is cut at `limit` characters.
public func printable(_ text: String, limit: Int = 500) -> String {
    var result = ""
    var count = 0
    for scalar in text.unicodeScalars {
        if count == limit {
            result.append("…")
            break
        }
        count += 1
        result.unicodeScalars.append(isUnsafeForTerminal(scalar) ? " " : scalar)
    }
    return result
}

/// Whether a scalar could move a cursor, start an escape sequence or reorder what is shown.
private func isUnsafeForTerminal(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: true
    case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029: true
    default: false
    }
}
