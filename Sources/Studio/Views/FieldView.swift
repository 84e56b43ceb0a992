import Presets
import Screen

/// A one-line text field with its cursor.
enum FieldView {
    static func draw(_ field: LineEditor, x: Int, y: Int, width: Int, _ painter: inout Painter) {
        let characters = field.editor.characters
        let cursor = field.editor.cursor
        // The text moves left until the cursor is inside.
        var first = 0
        var columns = characters[..<cursor].reduce(0) { $0 + TextWidth.width(of: $1) }
        while columns > width - 1, first < cursor {
            columns -= TextWidth.width(of: characters[first])
            first += 1
        }
        var column = x
        let clip = Rect(x: x, y: y, width: width, height: 1)
        for character in characters[first...] where column < x + width {
            column = painter.frame.buffer.put(
                character, x: column, y: y, style: painter.look[.value], clip: clip)
        }
        painter.frame.cursor = Position(x: x + columns, y: y)
    }
}
