import Generation
import History
import Studio

extension EntryComparison {
    /// What differs between the request of an entry and that of the entry it was made from.
    init(_ entry: HistoryEntry, parent: HistoryEntry) {
        self.init(entry: entry.id)
        let difference = RequestDiff(from: parent.request, to: entry.request)
        prompt = difference.prompt.map { Piece($0) }
        negative = difference.negativePrompt.map { Piece($0) }
        changes = difference.changes.compactMap { change in
            guard ![.prompt, .negativePrompt, .expansion].contains(change.field) else { return nil }
            return Change(field: change.field, old: change.old, new: change.new)
        }
    }
}

extension EntryComparison.Piece {
    fileprivate init(_ piece: PromptDiff.Piece) {
        switch piece.kind {
        case .same: self.init(.same, piece.text)
        case .removed: self.init(.removed, piece.text)
        case .added: self.init(.added, piece.text)
        }
    }
}
