import Generation
import Presets
import Screen

/// Earlier runs, newest first.
enum HistoryView {
    /// Each entry takes two lines: what, and how.
    static let rowsPerEntry = 2

    static func draw(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        let list = state.history
        let inner = painter.box(
            area, title: title(state), isFocused: state.focus == .history, note: note(list))
        guard !inner.isEmpty else { return }
        if list.visible.isEmpty {
            let text = list.entries.isEmpty ? "Nothing yet." : "No entry matches."
            painter.text(
                text, x: inner.x + 1, y: inner.y, width: inner.width - 2, role: .textDimmed)
            return
        }
        let first = firstRow(state, rows: inner.height)
        let count = max(1, inner.height / rowsPerEntry)
        for row in 0..<count where list.visible.indices.contains(first + row) {
            let y = inner.y + row * rowsPerEntry
            let height = min(rowsPerEntry, inner.maxY - y)
            draw(
                list.visible[first + row], isSelected: first + row == list.selection, state,
                Rect(x: inner.x, y: y, width: inner.width, height: height), &painter)
        }
        painter.scrollMarks(inner, first: first, shown: count, count: list.visible.count)
    }

    /// The first entry that is shown, so that the selected one stays in the middle.
    static func firstRow(_ state: AppState, rows: Int) -> Int {
        let shown = max(1, rows / rowsPerEntry)
        let last = max(0, state.history.visible.count - shown)
        return min(last, max(0, state.history.selection - shown / 2))
    }

    private static func draw(
        _ entry: HistoryEntry, isSelected: Bool, _ state: AppState, _ area: Rect,
        _ painter: inout Painter
    ) {
        var background: ThemeRole?
        if isSelected {
            background = state.focus == .history ? .selection : .selectionUnfocused
            if state.focus == .history { painter.fill(area, role: .selection) }
        }
        let (mark, role) = mark(entry)
        // Roles of the status line bring its background along.
        let style =
            background.map { painter.style(role, on: $0) }
            ?? painter.look[role].on(painter.look[.text].background)
        painter.text(mark, x: area.x, y: area.y, width: 1, style: style)
        let isCurrent = isSelected && state.focus != .history
        painter.text(
            oneLine(entry.request.prompt), x: area.x + 2, y: area.y, width: area.width - 3,
            role: isCurrent ? .textHeading : .text, on: state.focus == .history ? background : nil)
        guard area.height > 1 else { return }
        painter.text(
            summary(entry), x: area.x + 2, y: area.y + 1, width: area.width - 3, role: .textDimmed,
            on: state.focus == .history ? background : nil)
    }

    private static func mark(_ entry: HistoryEntry) -> (String, ThemeRole) {
        if entry.isStarred { return ("★", .star) }
        switch entry.status {
        case .finished: return ("•", .statusSuccess)
        case .failed: return ("✗", .statusProblem)
        case .cancelled, .interrupted: return ("◦", .statusWarning)
        case .running: return ("…", .progress)
        }
    }

    private static func oneLine(_ text: String) -> String {
        let line = String(text.prefix(300).map { $0.isNewline ? " " : $0 })
        return line.isEmpty ? "(empty prompt)" : line
    }

    private static func summary(_ entry: HistoryEntry) -> String {
        var parts: [String] = []
        if let problem = entry.problem { parts.append(problem) }
        if entry.status == .interrupted { parts.append("interrupted") }
        if let seed = entry.request.seeds.first {
            let more = entry.request.seeds.count > 1 ? " +\(entry.request.seeds.count - 1)" : ""
            parts.append("seed \(seed)\(more)")
        }
        if let width = entry.request.width, let height = entry.request.height {
            parts.append("\(width)×\(height)")
        }
        if let steps = entry.request.steps { parts.append("\(steps) steps") }
        if !entry.tags.isEmpty { parts.append(entry.tags.map { "#\($0)" }.joined(separator: " ")) }
        if !entry.note.isEmpty { parts.append(oneLine(entry.note)) }
        return parts.joined(separator: " · ")
    }

    private static func title(_ state: AppState) -> String {
        let place = state.history.session.map { printable($0, limit: 40) }
        let shown = [place, state.history.query].compactMap { $0 }.filter { !$0.isEmpty }
        return ([Pane.history.title] + shown).joined(separator: ": ")
    }

    private static func note(_ list: HistoryList) -> String {
        guard !list.visible.isEmpty else { return "" }
        return "\(list.selection + 1)/\(list.visible.count)"
    }
}
