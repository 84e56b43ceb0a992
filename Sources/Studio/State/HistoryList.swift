import Generation

/// The history pane: entries newest first, what of them is shown, a selection.
public struct HistoryList: Hashable, Sendable {
    /// All entries that were loaded, newest first. The last ``mostComplete`` that came with all their
    /// fields have them still.
    public private(set) var entries: [HistoryEntry] = []
    /// Words that an entry must contain; see ``HistorySearch``.
    public private(set) var query = ""
    /// What else an entry must be.
    public private(set) var filter = HistoryFilter.all
    /// What is shown, from top to bottom.
    public private(set) var rows: [HistoryRow] = []
    /// Index into ``rows``.
    public private(set) var selection = 0
    /// First row that is shown.
    public var scroll = 0
    /// Whether entries stand below those that they were made from.
    public private(set) var isTree = false
    /// Entries of the tree whose children are hidden.
    public private(set) var folded: Set<String> = []
    /// Entries that were picked for an action on several.
    public private(set) var picked: Set<String> = []
    /// Deleted entries, those of the last deletion last, for undo.
    public private(set) var deleted: [[HistoryEntry]] = []
    /// The saved session whose entries were loaded, for the title; nil: all of the journal.
    public var session: String?
    /// Whether the journal was read.
    public var isLoaded = false
    /// What is searched of each entry; empty until something is searched.
    private var texts: [[UInt8]] = []
    /// The selected entry, to find it again when rows change.
    private var selectedID: String?
    /// Names of complete entries, that which was stored last at the end.
    private var complete: [EntryName] = []

    /// How many entries are kept with everything that was read of them.
    static let mostComplete = 64

    public init() {}

    /// The entries that are shown, from top to bottom.
    public var visible: [HistoryEntry] { rows.map { entries[$0.index] } }

    public var selected: HistoryEntry? {
        rows.indices.contains(selection) ? entries[rows[selection].index] : nil
    }

    /// The entry of a row.
    public func entry(at row: Int) -> HistoryEntry { entries[rows[row].index] }

    /// The entry of a name.
    public func entry(_ id: String) -> HistoryEntry? {
        place(of: EntryName(id)).map { entries[$0] }
    }

    /// The row of an entry, nil when it is not shown.
    public func row(of id: String) -> Int? {
        let name = EntryName(id)
        return rows.firstIndex { entries[$0.index].name == name }
    }

    private func place(of name: EntryName) -> Int? { entries.firstIndex { $0.name == name } }

    /// The entries that an action is for: those picked, from top to bottom, else the selected one.
    public var targets: [HistoryEntry] {
        if picked.isEmpty { return selected.map { [$0] } ?? [] }
        return entries.filter { picked.contains($0.id) }
    }

    // MARK: Entries

    /// Replaces all entries.
    public mutating func load(_ entries: [HistoryEntry]) {
        self.entries = entries
        texts = []
        complete = entries.reversed().filter(\.isComplete).map(\.name)
        forgetDetails()
        if !picked.isEmpty { picked.formIntersection(entries.map(\.id)) }
        isLoaded = true
        arrange()
    }

    /// Adds an entry at the front, or replaces the one with its name.
    public mutating func store(_ entry: HistoryEntry) {
        if let index = place(of: entry.name) {
            entries[index] = entry.sharing(with: entries[index])
            if !texts.isEmpty { texts[index] = HistorySearch.text(of: entry) }
        } else {
            insert(entry)
        }
        complete.removeAll { $0 == entry.name }
        if entry.isComplete { complete.append(entry.name) }
        forgetDetails()
        arrange()
    }

    /// Keeps of entries that nobody has looked at for long what the list shows.
    private mutating func forgetDetails() {
        let excess = complete.count - Self.mostComplete
        guard excess > 0 else { return }
        let selected = selectedID.map { EntryName($0) }
        let dropped = Set(complete.filter { $0 != selected }.prefix(excess))
        complete.removeAll { dropped.contains($0) }
        for index in entries.indices where dropped.contains(entries[index].name) {
            entries[index] = entries[index].brief
        }
    }

    /// Takes over what somebody else wrote into the journal: entries that are new or have changed,
    /// and names of those that are gone.
    public mutating func merge(_ changed: [HistoryEntry], gone: [String]) {
        var places: [EntryName: Int] = [:]
        for (index, entry) in entries.enumerated() { places[entry.name] = index }
        var added: [HistoryEntry] = []
        for entry in changed {
            if let index = places[entry.name] {
                let old = entries[index]
                entries[index] = old.updated(by: entry).sharing(with: old)
            } else {
                added.append(entry)
            }
        }
        if !gone.isEmpty {
            let names = Set(gone)
            entries.removeAll { names.contains($0.id) }
            picked.subtract(names)
        }
        texts = []
        for entry in added { insert(entry) }
        arrange()
    }

    /// Inserts by date: entries of other processes may be older than the newest.
    private mutating func insert(_ entry: HistoryEntry) {
        let index = entries.firstIndex { $0.date <= entry.date } ?? entries.count
        let neighbour = entries.indices.contains(index) ? entries[index] : entries.last
        entries.insert(neighbour.map { entry.sharing(with: $0) } ?? entry, at: index)
        if !texts.isEmpty { texts.insert(HistorySearch.text(of: entry), at: index) }
    }

    /// Takes entries away; ``undelete()`` brings them back.
    public mutating func delete(_ ids: Set<String>) {
        let gone = entries.filter { ids.contains($0.id) }
        guard !gone.isEmpty else { return }
        deleted.append(gone)
        entries.removeAll { ids.contains($0.id) }
        texts = []
        picked.subtract(ids)
        let place = selection
        arrange()
        select(place)
    }

    /// Brings the entries of the last deletion back.
    public mutating func undelete() -> [HistoryEntry] {
        guard let back = deleted.popLast() else { return [] }
        for entry in back where place(of: entry.name) == nil { insert(entry) }
        arrange()
        if let first = back.first { show(first.id) }
        return back
    }

    // MARK: Selection

    /// Moves the selection to a row, as far as there are rows.
    public mutating func select(_ row: Int) {
        selection = max(0, min(row, rows.count - 1))
        selectedID = selected?.id
    }

    /// Selects an entry; in a folded family its nearest ancestor that is shown.
    public mutating func show(_ id: String) {
        var name = id
        for _ in 0...entries.count {
            if let row = row(of: name) { return select(row) }
            guard isTree, let parent = entry(name)?.parent else { return }
            name = parent
        }
    }

    /// Picks or drops an entry for an action on several.
    public mutating func togglePick(_ id: String) {
        if picked.remove(id) == nil { picked.insert(id) }
    }

    /// Picks everything that is shown, or nothing when something was picked.
    public mutating func togglePickAll() {
        picked = picked.isEmpty ? Set(rows.map { entries[$0.index].id }) : []
    }

    public mutating func dropPicks() { picked = [] }

    // MARK: What is shown

    /// Shows only entries that a search finds.
    public mutating func setQuery(_ query: String) {
        guard query != self.query else { return }
        self.query = query
        if !query.isEmpty { (selection, selectedID) = (0, nil) }
        arrange()
    }

    /// Shows only entries of a kind.
    public mutating func setFilter(_ filter: HistoryFilter) {
        self.filter = filter
        arrange()
    }

    /// Switches between list and tree.
    public mutating func toggleTree() {
        isTree.toggle()
        arrange()
    }

    /// Hides or shows what was made from an entry.
    ///
    /// - Returns: whether anything changed.
    @discardableResult
    public mutating func setFolded(_ isFolded: Bool, _ id: String) -> Bool {
        guard isTree, let row = row(of: id), rows[row].children > 0,
            folded.contains(id) != isFolded
        else { return false }
        if isFolded { folded.insert(id) } else { folded.remove(id) }
        arrange()
        return true
    }

    /// The names of an entry, of all that was made from it and of all that it was made from.
    public func family(of id: String) -> Set<String> {
        var places: [EntryName: Int] = [:]
        for (index, entry) in entries.enumerated() { places[entry.name] = index }
        var found: Set<String> = [id]
        // Parents are older, which is further back: one pass finds what was made from the entry.
        for entry in entries.reversed() {
            if let parent = entry.parent, found.contains(parent) { found.insert(entry.id) }
        }
        var current = places[EntryName(id)]
        while let index = current, let parent = entries[index].parentName,
            let next = places[parent], next > index
        {
            found.insert(parent.text)
            current = next
        }
        return found
    }

    /// Finds what is shown; the selection stays on its entry as long as that is shown. On the newest
    /// entry of a plain list it stays on the newest.
    private mutating func arrange() {
        let search = HistorySearch(query)
        if search.readsText, texts.isEmpty { texts = entries.map { HistorySearch.text(of: $0) } }
        let shown = entries.indices.filter { index in
            filter.includes(entries[index])
                && (search.isEmpty
                    || search.finds(entries[index], text: search.readsText ? texts[index] : []))
        }
        rows =
            isTree
            ? HistoryTree(entries, shown: shown, folded: folded).rows : shown.map { HistoryRow($0) }
        let staysOnTop = selection == 0 && !isTree && query.isEmpty && filter == .all
        let kept = staysOnTop ? nil : selectedID
        select(selection)
        if let kept { show(kept) }
    }
}
