import Generation
import Presets
import Screen

/// The pictures that the selected parameter names, in the place of the run's picture.
enum InputPictureView {
    static func draw(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        let inputs = state.inputs.wanted
        let note = inputs.count > 1 ? "\(inputs.count) pictures" : ""
        let inner = painter.box(
            area, title: "\(Pane.preview.title): \(state.parameters.selection.label)",
            isFocused: false, note: note)
        guard inputs.count > 1 else {
            drawPicture(inputs[0], state, inner, &painter)
            return
        }
        for (index, cell) in cells(inputs.count, inner).enumerated() {
            guard cell.width > 4, cell.height > 4 else { continue }
            let frame = painter.box(cell, title: "\(index + 1)", isFocused: false)
            drawPicture(inputs[index], state, frame, &painter)
        }
    }

    /// The picture with a line about it below.
    private static func drawPicture(
        _ input: InputPicture, _ state: AppState, _ area: Rect, _ painter: inout Painter
    ) {
        let (picture, last) = area.splitTop(area.height - 1)
        let line = last.inset(dx: 1, dy: 0)
        guard line.height > 0 else { return }
        var text = name(input.path)
        var role = ThemeRole.textDimmed
        switch state.inputs.found[input] {
        case .image(let image, let note):
            PreviewView.put(image, state, picture, &painter)
            text += " · " + note
        case .problem(let problem): (text, role) = (problem, .statusProblem)
        case nil: text += " …"
        }
        painter.text(text, x: line.x, y: line.y, width: line.width, role: role)
    }

    private static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func cells(_ count: Int, _ area: Rect) -> [Rect] {
        var preview = Preview()
        preview.open(.nothing, count: count)
        let columns = preview.gridColumns(in: area.size)
        let rows = max(1, (count + columns - 1) / columns)
        let (width, height) = (area.width / columns, area.height / rows)
        return (0..<count).map { index in
            Rect(
                x: area.x + index % columns * width, y: area.y + index / columns * height,
                width: width, height: height)
        }
    }
}
