import Generation
import Presets
import Screen

/// A prompt editor: soft-wrapped text, selection, tokens in the frame.
enum PromptView {
    static func draw(_ pane: Pane, _ state: AppState, _ area: Rect, _ painter: inout Painter) {
        let field = pane == .prompt ? state.prompt : state.negative
        let isFocused = state.focus == pane
        let inner = painter.box(
            area, title: title(pane, state), isFocused: isFocused, note: note(field))
        let text = Rect(x: inner.x + 1, y: inner.y, width: inner.width - 2, height: inner.height)
        guard !text.isEmpty else { return }
        let layout = field.lines(width: text.width)
        if field.editor.isEmpty, !isFocused {
            painter.text(hint(pane), x: text.x, y: text.y, width: text.width, role: .textDimmed)
        }
        let roles = PromptColors(
            field, vocabulary: state.backend?.vocabulary, isTyping: isFocused)
        for row in 0..<text.height {
            let index = field.scroll + row
            guard layout.lines.indices.contains(index) else { break }
            draw(
                layout.lines[index], field, roles, Position(x: text.x, y: text.y + row), text,
                &painter)
        }
        painter.scrollMarks(
            inner, first: field.scroll, shown: text.height, count: layout.lines.count)
        guard isFocused, state.layers.isEmpty else { return }
        let place = layout.place(of: field.editor.cursor, in: field.editor.characters)
        let x = text.x + min(place.column, text.width)
        let y = text.y + place.row - field.scroll
        if y >= text.y, y < text.maxY { painter.frame.cursor = Position(x: x, y: y) }
    }

    private static func draw(
        _ line: TextLayout.Line, _ field: PromptField, _ roles: PromptColors, _ start: Position,
        _ clip: Rect, _ painter: inout Painter
    ) {
        var x = start.x
        let selection = field.editor.selection
        for index in line.range {
            var style = painter.look[roles.role(at: index)]
            if roles.isBoundary(index) { style = painter.look[.promptBoundary] }
            if let selection, selection.contains(index) { style = painter.look[.textSelected] }
            x = painter.frame.buffer.put(
                field.editor.characters[index], x: x, y: start.y, style: style, clip: clip)
        }
        // A selected line end is shown as one selected cell.
        if let selection, selection.contains(line.range.upperBound), !line.continues, x < clip.maxX
        {
            painter.frame.buffer.put(
                " ", x: x, y: start.y, style: painter.look[.textSelected], clip: clip)
        }
    }

    private static func title(_ pane: Pane, _ state: AppState) -> String {
        guard pane == .prompt, let style = state.parameters.request.style else { return pane.title }
        return "\(pane.title) · \(style)"
    }

    private static func hint(_ pane: Pane) -> String {
        pane == .prompt ? "what the picture shows" : "what it must not show"
    }

    /// `12/75`; with more than a chunk, how many chunks there are.
    private static func note(_ field: PromptField) -> String {
        guard let tokens = field.tokens else { return "" }
        return "\(tokens.count)/\(max(1, tokens.chunks) * 75)"
    }
}
