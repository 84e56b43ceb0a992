/// A list that typing narrows down.
public struct Picker: Hashable, Sendable {
    /// One line of the list.
    public struct Item: Hashable, Sendable {
        /// What is handed back when it is chosen.
        public let id: String
        public let title: String
        /// Shown dimmed behind the title, and searched.
        public let detail: String
        /// Why it cannot be chosen; nil when it can.
        public let reason: String?

        public init(id: String, title: String, detail: String = "", reason: String? = nil) {
            self.id = id
            self.title = title
            self.detail = detail
            self.reason = reason
        }
    }

    public let title: String
    public private(set) var items: [Item]
    /// Names of the chosen items where several can be chosen; nil: one is.
    public var marks: Set<String>?
    public private(set) var field = LineEditor()
    /// Items that match, best first.
    public private(set) var matches: [FuzzyMatch] = []
    /// Index into ``matches``.
    public private(set) var selection = 0

    /// Shows `items`; the one named `selected` is selected.
    public init(title: String, items: [Item], selected: String? = nil) {
        self.title = title
        self.items = items
        refilter()
        if let index = items.firstIndex(where: { $0.id == selected }) { selection = index }
    }

    public var chosen: Item? {
        matches.indices.contains(selection) ? items[matches[selection].index] : nil
    }

    /// Moves the selection, staying inside the list.
    public mutating func move(_ offset: Int) {
        selection = max(0, min(matches.count - 1, selection + offset))
    }

    /// Chooses the selected item besides others, or no longer.
    public mutating func toggleMark() {
        guard let item = chosen else { return }
        if marks?.remove(item.id) == nil, item.reason == nil { marks?.insert(item.id) }
    }

    /// Shows other items; search and selection stay where they are.
    public mutating func replace(_ items: [Item]) {
        self.items = items
        let place = selection
        // What cannot be chosen any more is not.
        marks?.subtract(items.filter { $0.reason != nil }.map(\.id))
        refilter()
        selection = max(0, min(matches.count - 1, place))
    }

    /// Changes the search text.
    public mutating func edit(_ change: (inout LineEditor) -> Void) {
        let before = field.text
        change(&field)
        if field.text != before {
            refilter()
            selection = 0
        }
    }

    private mutating func refilter() {
        matches = FuzzyMatch.search(field.text, in: items.map { ($0.title, $0.detail) })
    }
}
