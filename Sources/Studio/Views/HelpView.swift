import Presets
import Screen

/// All keys, made from the table of actions.
enum HelpView {
    static func draw(_ state: AppState, _ scroll: Int, _ frame: Rect, _ painter: inout Painter) {
        let inner = painter.popup(frame, title: "Keys", note: "Esc closes")
        let lines = lines(state)
        let isWide = inner.width >= 84
        let keyWidth = isWide ? 26 : 20
        for row in 0..<max(0, inner.height) {
            guard lines.indices.contains(scroll + row) else { break }
            let line = lines[scroll + row]
            let y = inner.y + row
            if line.help.isEmpty {
                painter.text(
                    line.keys, x: inner.x + 1, y: y, width: inner.width - 2, role: .textHeading,
                    on: .popup)
            } else {
                painter.text(
                    line.keys, x: inner.x + 2, y: y, width: keyWidth - 1, role: .key,
                    on: .popup)
                let text = isWide ? "\(line.title): \(line.help)" : line.help
                painter.text(
                    text, x: inner.x + 2 + keyWidth, y: y, width: inner.width - keyWidth - 3,
                    role: .text, on: .popup)
            }
        }
        painter.scrollMarks(
            inner, first: scroll, shown: inner.height, count: lines.count, on: .popup)
    }

    /// How far the help can be scrolled.
    static func lastScroll(_ state: AppState) -> Int {
        let height = LayerView.frame(of: .help(scroll: 0), in: state).map { $0.height - 2 } ?? 0
        return max(0, lines(state).count - height)
    }

    private struct Line {
        let keys: String
        var title = ""
        var help = ""
    }

    private static func lines(_ state: AppState) -> [Line] {
        var lines: [Line] = []
        for scope in Scope.allCases {
            var own: [Line] = []
            for action in Action.all {
                let keys = state.keymap.bindings(of: action.id).filter { $0.scope == scope }.map(
                    \.key.name)
                guard !keys.isEmpty else { continue }
                own.append(
                    Line(keys: keys.joined(separator: " "), title: action.title, help: action.help))
            }
            guard !own.isEmpty else { continue }
            if !lines.isEmpty { lines.append(Line(keys: "")) }
            lines.append(Line(keys: scope.title))
            lines += own
        }
        return lines
    }
}
