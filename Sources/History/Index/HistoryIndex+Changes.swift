import Generation

/// What was found in a session file that was read again.
public struct SessionChange: Sendable {
    /// Jobs that are new or otherwise than before.
    public var changed: [JobSummary] = []
    /// Jobs that are not there any more.
    public var gone: [ULID] = []

    var isEmpty: Bool { changed.isEmpty && gone.isEmpty }
}

extension SessionSegment {
    /// What a reading from the start found that was otherwise before.
    func changes(since before: SessionSegment) -> SessionChange {
        let known = Dictionary(
            before.rows.map { ($0.id, before.summary($0)) }, uniquingKeysWith: { $1 })
        let left = Set(rows.map(\.id))
        return SessionChange(
            changed: rows.map { summary($0) }.filter { known[$0.id] != $0 },
            gone: before.rows.map(\.id).filter { !left.contains($0) })
    }
}
