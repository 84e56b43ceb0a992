import Presets
import Screen

/// All keys, made from the table of actions.
enum HelpView {
    static func draw(_ state: AppState, _ scroll: Int, _ frame: Rect, _ painter: inout Painter) {
        let inner = painter.popup(frame, title: "Keys", note: "Esc closes")
        let lines = lines(state, width: inner.width)
        let keyWidth = keyWidth(inner.width)
        for row in 0..<max(0, inner.height) {
            guard lines.indices.contains(scroll + row) else { break }
            let (line, y) = (lines[scroll + row], inner.y + row)
            let margin = line.help == nil ? 1 : 2
            painter.text(
                line.keys, x: inner.x + margin, y: y,
                width: line.help == nil ? inner.width - 2 : keyWidth - 1,
                role: line.help == nil ? .textHeading : .key, on: .popup)
            painter.text(
                line.help ?? "", x: inner.x + 2 + keyWidth, y: y,
                width: textWidth(inner.width), role: .text, on: .popup)
        }
        painter.scrollMarks(
            inner, first: scroll, shown: inner.height, count: lines.count, on: .popup)
    }

    /// How far the help can be scrolled.
    static func lastScroll(_ state: AppState) -> Int {
        guard let frame = LayerView.frame(of: .help(scroll: 0), in: state) else { return 0 }
        return max(0, lines(state, width: frame.width - 2).count - (frame.height - 2))
    }

    /// A line of the help: a heading, or keys with what they do.
    private struct Line {
        let keys: String
        /// Nil for headings.
        var help: String?
    }

    private static func isWide(_ width: Int) -> Bool { width >= 84 }
    private static func keyWidth(_ width: Int) -> Int { isWide(width) ? 26 : 20 }
    private static func textWidth(_ width: Int) -> Int { width - keyWidth(width) - 3 }

    private static func lines(_ state: AppState, width: Int) -> [Line] {
        var lines: [Line] = []
        for scope in Scope.allCases {
            let own = Action.all.flatMap { entry($0, in: scope, state, width: width) }
            guard !own.isEmpty else { continue }
            if !lines.isEmpty { lines.append(Line(keys: "")) }
            lines.append(Line(keys: scope.title))
            lines += own
        }
        return lines
    }

    /// An action's keys and help, which goes on in further lines where one is too short.
    private static func entry(
        _ action: Action, in scope: Scope, _ state: AppState, width: Int
    ) -> [Line] {
        let keys = state.keymap.bindings(of: action.id).filter { $0.scope == scope }.map(\.key.name)
        guard !keys.isEmpty else { return [] }
        let text = isWide(width) ? "\(action.title): \(action.help)" : action.help
        let help = TextLayout.wrapped(text, width: textWidth(width))
        let names = TextLayout.wrapped(keys.joined(separator: " "), width: keyWidth(width) - 1)
        return (0..<max(help.count, names.count)).map { row in
            Line(
                keys: names.indices.contains(row) ? names[row] : "",
                help: help.indices.contains(row) ? help[row] : "")
        }
    }
}
