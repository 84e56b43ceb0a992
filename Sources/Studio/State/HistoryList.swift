import Generation

/// The history pane: entries newest first, a filter, a selection.
public struct HistoryList: Hashable, Sendable {
    /// All entries that were loaded, newest first.
    public private(set) var entries: [HistoryEntry] = []
    /// Words that an entry must contain; `*` alone means starred.
    public private(set) var query = ""
    /// The entries that match the query.
    public private(set) var visible: [HistoryEntry] = []
    /// Index into ``visible``.
    public private(set) var selection = 0
    /// Deleted entries, last one last, for undo.
    public private(set) var deleted: [HistoryEntry] = []
    /// The saved session whose entries were loaded, for the title; nil: all of the journal.
    public var session: String?
    /// Whether the journal was read.
    public var isLoaded = false

    public init() {}

    public var selected: HistoryEntry? {
        visible.indices.contains(selection) ? visible[selection] : nil
    }

    /// Replaces all entries.
    public mutating func load(_ entries: [HistoryEntry]) {
        self.entries = entries
        isLoaded = true
        filter()
    }

    /// Adds an entry at the front, or replaces the one with its name.
    public mutating func store(_ entry: HistoryEntry) {
        if let index = entries.firstIndex(where: { $0.id == entry.id }) {
            entries[index] = entry
        } else {
            entries.insert(entry, at: 0)
            if selection > 0 { selection += 1 }
        }
        filter()
    }

    /// Takes an entry away; ``undelete()`` brings it back.
    public mutating func delete(_ id: String) {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return }
        deleted.append(entries.remove(at: index))
        filter()
    }

    /// Brings the last deleted entry back.
    public mutating func undelete() -> HistoryEntry? {
        guard let entry = deleted.popLast() else { return nil }
        let index = entries.firstIndex { $0.date < entry.date } ?? entries.count
        entries.insert(entry, at: index)
        filter()
        select(visible.firstIndex { $0.id == entry.id } ?? selection)
        return entry
    }

    /// Moves the selection to an index, as far as there are entries.
    public mutating func select(_ index: Int) {
        selection = max(0, min(index, visible.count - 1))
    }

    /// Shows only entries that contain every word of `query`.
    public mutating func setQuery(_ query: String) {
        self.query = query
        selection = 0
        filter()
    }

    private mutating func filter() {
        let words = query.lowercased().split(separator: " ").map(String.init)
        visible = words.isEmpty ? entries : entries.filter { Self.matches($0, words) }
        select(selection)
    }

    private static func matches(_ entry: HistoryEntry, _ words: [String]) -> Bool {
        let text = [
            entry.request.prompt, entry.request.negativePrompt ?? "", entry.note,
            entry.tags.joined(separator: " "), entry.request.backend, entry.request.model ?? "",
            entry.status.rawValue, entry.request.style ?? "",
        ].joined(separator: "\n").lowercased()
        return words.allSatisfy { word in
            word == "*" ? entry.isStarred : text.contains(word)
        }
    }
}
