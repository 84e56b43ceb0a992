import Generation

/// A session that was asked for and cannot be shown.
public struct SessionNotFound: UserFacingError, Hashable {
    /// What was asked for.
    public let name: String
    /// Sessions whose names begin with it; empty when there is none.
    public let candidates: [String]

    public var summary: String {
        candidates.isEmpty
            ? "there is no session \"\(printable(name, limit: 120))\""
            : "\(candidates.count) sessions begin with \"\(printable(name, limit: 120))\""
    }

    public var hint: String? {
        candidates.isEmpty
            ? "give a session file or the beginning of its name; `latent history show JOB` tells it"
            : "give more of it: "
                + candidates.prefix(4).map { printable($0) }.joined(separator: ", ")
    }
}

/// A change of an entry that is only shown.
struct SessionIsForeign: UserFacingError {
    let summary = "the session lies outside of the journal"
    let hint: String? = "`latent history import FILE` takes it in"
}
