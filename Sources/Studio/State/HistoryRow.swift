/// A line of the history pane: an entry, and where it stands in the tree.
public struct HistoryRow: Hashable, Sendable {
    /// Index into ``HistoryList/entries``.
    public let index: Int
    /// Its place in the tree; nil in a plain list, of which there may be a hundred thousand rows.
    private let branch: Shared<Branch>?

    /// An entry's place in the tree.
    struct Branch: Hashable, Sendable {
        var guide = ""
        var rest = ""
        var children = 0
        var hidden = 0
    }

    init(_ index: Int, _ branch: Branch? = nil) {
        self.index = index
        self.branch = branch.map { Shared($0) }
    }

    /// Lines of the tree before the entry; empty in a plain list.
    public var guide: String { branch?.value.guide ?? "" }
    /// Lines of the tree before what stands below the entry's first line.
    public var rest: String { branch?.value.rest ?? "" }
    /// Entries that were made from this one and are shown, or hidden when it is folded.
    public var children: Int { branch?.value.children ?? 0 }
    /// All entries below it that folding hides; 0 where nothing is hidden.
    public var hidden: Int { branch?.value.hidden ?? 0 }
}

/// Orders entries as a tree of tweaks: newest family first, parents above what was made from them.
struct HistoryTree {
    /// Levels that are drawn one below the other; what lies deeper is drawn at the last of them.
    static let deepest = 8

    private let entries: [HistoryEntry]
    private let folded: Set<String>
    private var children: [Int: [Int]] = [:]
    private var roots: [Int] = []

    /// - Parameters:
    ///   - entries: all entries, newest first.
    ///   - shown: indices of those to show, ascending. An entry whose parent is not shown stands
    ///     below the nearest ancestor that is.
    init(_ entries: [HistoryEntry], shown: [Int], folded: Set<String>) {
        self.entries = entries
        self.folded = folded
        var places: [EntryName: Int] = [:]
        places.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() { places[entry.name] = index }
        let isShown = Set(shown)
        var parents: [Int: Int] = [:]
        for index in shown {
            var current = index
            // A parent is older than its child, so that no circle of a damaged file can hold this up.
            while let name = entries[current].parentName, let parent = places[name],
                parent > current
            {
                current = parent
                if isShown.contains(parent) { break }
            }
            if current != index, isShown.contains(current) {
                parents[index] = current
                children[current, default: []].append(index)
            }
        }
        var known: Set<Int> = []
        for index in shown {
            var root = index
            while let parent = parents[root] { root = parent }
            if known.insert(root).inserted { roots.append(root) }
        }
    }

    /// The rows from top to bottom.
    var rows: [HistoryRow] {
        var rows: [HistoryRow] = []
        var pending: [(index: Int, guide: String, rest: String, depth: Int)] =
            roots.reversed().map { ($0, "", "", 0) }
        while let next = pending.popLast() {
            let below = children[next.index] ?? []
            let isFolded = !below.isEmpty && folded.contains(entries[next.index].id)
            let isOpen = !below.isEmpty && !isFolded
            rows.append(
                HistoryRow(
                    next.index,
                    HistoryRow.Branch(
                        guide: next.guide, rest: next.rest + (isOpen ? "│" : ""),
                        children: below.count, hidden: isFolded ? count(below: next.index) : 0)))
            guard isOpen else { continue }
            let isDeep = next.depth >= Self.deepest
            for (place, child) in below.enumerated().reversed() {
                let isLast = place == below.count - 1
                let base = isDeep ? String(next.rest.dropLast(2)) : next.rest
                pending.append(
                    (
                        child, base + (isLast ? "└╴" : "├╴"), base + (isLast ? "  " : "│ "),
                        next.depth + (isDeep ? 0 : 1)
                    ))
            }
        }
        return rows
    }

    private func count(below index: Int) -> Int {
        var pending = children[index] ?? []
        var count = 0
        while let next = pending.popLast() {
            count += 1
            pending += children[next] ?? []
        }
        return count
    }
}
