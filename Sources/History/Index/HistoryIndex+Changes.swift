extension HistoryIndex {
    /// The jobs of a session that are new or otherwise than in an older index, and the names of those
    /// that are gone.
    public func changes(
        ofSession name: String, since old: HistoryIndex
    ) -> (changed: [JobSummary], gone: [ULID]) {
        let before = old.segments.first { $0.session == name } ?? SessionSegment(session: name)
        let after = segments.first { $0.session == name } ?? SessionSegment(session: name)
        if after.stamp == before.stamp { return ([], []) }
        if after.continues(before) {
            let changed = after.rows.enumerated().filter { index, row in
                !before.rows.indices.contains(index) || before.rows[index] != row
            }
            return (changed.map { after.summary($0.element) }, [])
        }
        let known = Dictionary(
            before.rows.map { ($0.id, before.summary($0)) }, uniquingKeysWith: { $1 })
        let left = Set(after.rows.map(\.id))
        return (
            after.rows.map { after.summary($0) }.filter { known[$0.id] != $0 },
            before.rows.map(\.id).filter { !left.contains($0) }
        )
    }
}

extension SessionSegment {
    /// Whether this is another one that was read on: all its rows and texts are where they were.
    fileprivate func continues(_ other: SessionSegment) -> Bool {
        rows.count >= other.rows.count && bytes.starts(with: other.bytes)
            && zip(rows, other.rows).allSatisfy { $0.id == $1.id }
    }
}
