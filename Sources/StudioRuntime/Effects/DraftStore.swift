import Studio

/// Where drafts survive a crash.
public protocol DraftStore: Sendable {
    /// The draft to go on with; nil when there is none that can be read.
    func load() -> Draft?
    /// Replaces the draft.
    func save(_ draft: Draft) throws
    /// The grid to go on with; nil when there is none.
    func loadSheet() -> Sheet?
    /// Replaces the grid; nil takes it away.
    func saveSheet(_ sheet: Sheet?) throws
    /// Drafts of studios that do not run any more, newest first.
    func left() -> [LeftDraft]
    /// One of them; it is no longer there once the next draft is saved.
    func take(_ name: String) -> Draft?
}

extension DraftStore {
    public func loadSheet() -> Sheet? { nil }
    public func saveSheet(_ sheet: Sheet?) throws {}
    public func left() -> [LeftDraft] { [] }
    public func take(_ name: String) -> Draft? { nil }
}
