import Generation

extension AppState {
    /// The list of kinds, tags, backends and families to which the history can be limited.
    var filterPicker: Layer {
        var filters: [HistoryFilter] = [.all, .starred]
        var titles = ["All entries", "Starred"]
        var counts = [history.entries.count, history.entries.count { $0.isStarred }]
        for status in [HistoryEntry.Status.finished, .failed, .cancelled, .interrupted] {
            filters.append(.status(status))
            titles.append(status.rawValue.prefix(1).uppercased() + status.rawValue.dropFirst())
            counts.append(history.entries.count { $0.status == status })
        }
        if let entry = history.selected {
            let family = history.family(of: entry.id)
            filters.append(.family(family))
            titles.append("Tweaks of the selected entry")
            counts.append(family.count)
        }
        let replayed = Set(replays.filter { $0.value.isOver }.keys)
        if !replayed.isEmpty {
            filters.append(.replayed(replayed))
            titles.append("Replayed")
            counts.append(replayed.count)
        }
        for (tag, count) in Self.tally(history.entries.lazy.flatMap(\.tags)) {
            filters.append(.tag(tag))
            titles.append("#\(tag)")
            counts.append(count)
        }
        let backends = Self.tally(history.entries.lazy.map(\.settings.backend))
        for (backend, count) in backends where backends.count > 1 {
            filters.append(.backend(backend))
            titles.append("Backend \(backend)")
            counts.append(count)
        }
        let items = filters.indices.map {
            Picker.Item(id: String($0), title: titles[$0], detail: String(counts[$0]))
        }
        let selected = filters.firstIndex(of: history.filter).map { String($0) }
        return .picker(
            Picker(title: "Filter", items: items, selected: selected), .filter(filters))
    }

    /// The list of sessions, newest first.
    var sessionPicker: Layer {
        var counts: [String: Int] = [:]
        var order: [String] = []
        for entry in history.entries {
            guard let session = entry.session else { continue }
            if counts[session] == nil { order.append(session) }
            counts[session, default: 0] += 1
        }
        var items = [
            Picker.Item(
                id: "", title: "All sessions", detail: Self.entries(history.entries.count))
        ]
        items += order.map {
            Picker.Item(
                id: $0, title: HistoryFilter.sessionTitle($0), detail: Self.entries(counts[$0] ?? 0)
            )
        }
        var selected = ""
        if case .session(let name) = history.filter { selected = name }
        return .picker(Picker(title: "Session", items: items, selected: selected), .session)
    }

    private static func entries(_ count: Int) -> String {
        count == 1 ? "1 entry" : "\(count) entries"
    }

    /// Names with how often they occur, most frequent first.
    private static func tally(_ names: some Sequence<String>) -> [(name: String, count: Int)] {
        var counts: [String: Int] = [:]
        for name in names { counts[name, default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { (name: $0.key, count: $0.value) }
    }
}
