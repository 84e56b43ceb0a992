import Generation
import Presets
import Screen

/// Earlier runs, newest first or as a tree of tweaks, with small pictures where there is room.
enum HistoryView {
    static func draw(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        let list = state.history
        let inner = painter.box(
            area, title: title(state), isFocused: state.focus == .history, note: note(list))
        guard !inner.isEmpty else { return }
        if list.rows.isEmpty {
            let text = list.entries.isEmpty ? "Nothing yet." : "No entry matches."
            painter.text(
                text, x: inner.x + 1, y: inner.y, width: inner.width - 2, role: .textDimmed)
            return
        }
        let height = rowsPerEntry(state, in: area)
        let count = shownRows(state, in: area)
        let thumbnail = thumbnailWidth(state, in: area)
        for offset in 0..<count where list.rows.indices.contains(list.scroll + offset) {
            let y = inner.y + offset * height
            let frame = Rect(
                x: inner.x, y: y, width: inner.width, height: min(height, inner.maxY - y))
            draw(row: list.scroll + offset, state, frame, thumbnail: thumbnail, &painter)
        }
        painter.scrollMarks(inner, first: list.scroll, shown: count, count: list.rows.count)
    }

    /// Lines of an entry in a pane: its prompt, how it was made, and where there is room a third one
    /// for what people say of it or for the rest of its prompt.
    static func rowsPerEntry(_ state: AppState, in frame: Rect) -> Int {
        frame.height >= 20 ? 3 : 2
    }

    /// Entries that a pane shows.
    static func shownRows(_ state: AppState, in frame: Rect) -> Int {
        max(1, (frame.height - 2) / rowsPerEntry(state, in: frame))
    }

    /// Columns of the small pictures; 0 where there are none.
    static func thumbnailWidth(_ state: AppState, in frame: Rect) -> Int {
        showsThumbnails(state, in: frame) ? rowsPerEntry(state, in: frame) * 2 : 0
    }

    private static func showsThumbnails(_ state: AppState, in frame: Rect) -> Bool {
        state.showsThumbnails && state.showsPictures && frame.width >= 28
    }

    private static func draw(
        row index: Int, _ state: AppState, _ area: Rect, thumbnail: Int, _ painter: inout Painter
    ) {
        let row = state.history.rows[index]
        let entry = state.history.entries[row.index]
        let isSelected = index == state.history.selection
        let isMarked = isSelected && state.focus == .history
        // The cells under a picture and those to its left do not change with the selection: it would
        // be sent again, or be printed over, since curses prints across gaps of up to five cells.
        let gap = thumbnail > 0 ? thumbnail + 1 : 0
        let (left, rest) = area.splitLeft(2)
        let text = rest.splitLeft(gap).rest
        if isMarked { painter.fill(text, role: .selection) }
        drawMarks(entry, state, left, &painter)
        if thumbnail > 0, area.height >= 2, let image = state.thumbnails[entry.id] ?? nil {
            let place = Rect(x: left.maxX, y: area.y, width: thumbnail, height: area.height)
            PreviewView.put(image, state, place, &painter)
        }
        drawLines(row, entry, state, text.splitLeft(text.width - 1).left, isSelected, &painter)
    }

    /// How the run ended, and whether the entry is picked.
    private static func drawMarks(
        _ entry: HistoryEntry, _ state: AppState, _ area: Rect, _ painter: inout Painter
    ) {
        let (mark, role) = mark(entry)
        // Roles of the status line bring its background along.
        let style = painter.look[role].on(painter.look[.text].background)
        painter.text(mark, x: area.x, y: area.y, width: 1, style: style)
        guard state.history.picked.contains(entry.id) else { return }
        painter.text(
            "✓", x: area.x + (area.height > 1 ? 0 : 1), y: area.y + (area.height > 1 ? 1 : 0),
            width: 1, role: .key, on: .text)
    }

    private static func drawLines(
        _ row: HistoryRow, _ entry: HistoryEntry, _ state: AppState, _ area: Rect,
        _ isSelected: Bool, _ painter: inout Painter
    ) {
        let background: ThemeRole? = isSelected && state.focus == .history ? .selection : nil
        let isCurrent = isSelected && state.focus != .history
        let letters = letters(entry, state)
        let room = area.width - (letters.isEmpty ? 0 : letters.count + 1)
        // Of a deep tree in a narrow pane the innermost lines are left.
        let deepest = max(4, area.width / 6 * 2)
        let guide = String(row.guide.suffix(deepest))
        let below = String(row.rest.suffix(deepest + (row.rest.count - row.guide.count)))
        var x = painter.text(
            guide + fold(row), x: area.x, y: area.y, width: room, role: .textDimmed,
            on: background)
        let role: ThemeRole = isCurrent ? .textHeading : .text
        let indent = TextWidth.width(of: below) + (needsGap(below) ? 1 : 0)
        let details = lines(
            entry, state, count: area.height - 1, width: area.width - indent)
        let prompt = prompt(
            entry, width: area.x + room - x, rows: details.count < area.height - 1 ? 2 : 1)
        painter.text(
            prompt[0], x: x, y: area.y, width: area.x + room - x, role: role, on: background)
        painter.textAtEnd(
            letters, in: Rect(x: area.x, y: area.y, width: area.width, height: 1), role: .key,
            on: background)
        let rest = prompt.dropFirst().map { ($0, role) } + details
        for offset in 0..<max(0, area.height - 1) {
            let y = area.y + 1 + offset
            x = painter.text(
                below, x: area.x, y: y, width: area.width, role: .textDimmed, on: background)
            guard rest.indices.contains(offset) else { continue }
            let line = rest[offset]
            if needsGap(below) { x += 1 }
            let style =
                background.map { painter.style(line.1, on: $0) }
                ?? painter.look[line.1].on(painter.look[.text].background)
            painter.text(line.0, x: x, y: y, width: area.maxX - x, style: style)
        }
    }

    /// Whether lines of the tree need a space between them and what follows.
    private static func needsGap(_ below: String) -> Bool { !below.isEmpty && below.last != " " }

    /// What stands below the prompt; what a replay found comes before everything else.
    private static func lines(
        _ entry: HistoryEntry, _ state: AppState, count: Int, width: Int
    ) -> [(String, ThemeRole)] {
        let replay = replay(entry, state)
        switch count {
        case ...0: return []
        case 1: return [replay ?? (summary(entry, withWords: true, width), .textDimmed)]
        default:
            let words = words(entry)
            let third = replay ?? (words.isEmpty ? nil : (words, .textDimmed))
            return [(summary(entry, withWords: false, width), .textDimmed)]
                + (third.map { [$0] } ?? [])
        }
    }

    /// The prompt in one line, or in two where it needs and gets them.
    private static func prompt(_ entry: HistoryEntry, width: Int, rows: Int) -> [String] {
        let text = oneLine(entry.prompt)
        guard rows > 1, TextWidth.width(of: text) > width else { return [text] }
        let characters = Array(text)
        guard let first = TextLayout(characters, width: width).lines.first?.range else {
            return [text]
        }
        // The space between both lines stands nowhere: it may be one column too many.
        let head = characters[first].last == " " ? characters[first].dropLast() : characters[first]
        return [String(head), String(characters[first.upperBound...])]
    }

    private static func fold(_ row: HistoryRow) -> String {
        if row.hidden > 0 { return "▸\(row.hidden) " }
        return row.children > 0 ? "▾ " : ""
    }

    private static func letters(_ entry: HistoryEntry, _ state: AppState) -> String {
        let comparison = state.preview.comparison
        return (comparison.first?.entry == entry.id ? "A" : "")
            + (comparison.second?.entry == entry.id ? "B" : "")
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

    private static func replay(_ entry: HistoryEntry, _ state: AppState) -> (String, ThemeRole)? {
        guard let replay = state.replays[entry.id] else { return nil }
        let text = replay.text.isEmpty ? "" : ": \(replay.text)"
        switch replay.state {
        case .waiting: return ("replay waits", .textDimmed)
        case .running:
            let job = state.queue.running.first { $0.replays.contains(entry.id) }
            return ("replaying, " + (job.map(StageText.stage) ?? "starting"), .progress)
        case .identical: return ("= identical" + text, .statusSuccess)
        case .close: return ("≈ close" + text, .statusWarning)
        case .different: return ("≠ different" + text, .statusProblem)
        case .cannot: return ("? cannot" + text, .statusWarning)
        }
    }

    private static func oneLine(_ text: String) -> String {
        let line = String(text.prefix(300).map { $0.isNewline ? " " : $0 })
        return line.isEmpty ? "(empty prompt)" : line
    }

    /// How the entry was made, as far as there is room; what is cut off are whole parts.
    private static func summary(_ entry: HistoryEntry, withWords: Bool, _ width: Int) -> String {
        var parts: [String] = []
        if let problem = entry.problem { parts.append(ShortPaths.text(problem)) }
        if [.interrupted, .cancelled].contains(entry.status) {
            parts.append(entry.status.rawValue)
        }
        let settings = entry.settings
        if let seed = entry.seed {
            let more = entry.seedCount > 1 ? " +\(entry.seedCount - 1)" : ""
            parts.append("seed \(seed)\(more)")
        }
        if let width = settings.width, let height = settings.height {
            parts.append("\(width)×\(height)")
        }
        if let steps = settings.steps { parts.append("\(steps) steps") }
        var text = PreviewView.fitting(parts, in: width)
        // Of what people wrote the beginning is worth something.
        if withWords, case let words = words(entry), !words.isEmpty {
            text += text.isEmpty ? words : " · \(words)"
        }
        return text
    }

    /// Tags and note.
    private static func words(_ entry: HistoryEntry) -> String {
        var parts: [String] = []
        if !entry.tags.isEmpty { parts.append(entry.tags.map { "#\($0)" }.joined(separator: " ")) }
        if !entry.note.isEmpty { parts.append(oneLine(entry.note)) }
        return parts.joined(separator: " · ")
    }

    private static func title(_ state: AppState) -> String {
        let list = state.history
        let place = list.session.map { printable($0, limit: 40) }
        let name = list.isTree ? "Tree" : Pane.history.title
        let shown = [place, printable(list.filter.title, limit: 40), list.query]
            .compactMap { $0 }.filter { !$0.isEmpty }
        return ([name] + shown).joined(separator: ": ")
    }

    private static func note(_ list: HistoryList) -> String {
        guard !list.rows.isEmpty else { return "" }
        let picked = list.picked.isEmpty ? "" : "\(list.picked.count) picked · "
        return "\(picked)\(list.selection + 1)/\(list.rows.count)"
    }
}
