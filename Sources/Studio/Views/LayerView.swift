import Presets
import Screen

/// What lies over the panes.
enum LayerView {
    static func draw(_ layer: Layer, _ state: AppState, _ painter: inout Painter) {
        guard let frame = frame(of: layer, in: state) else { return }
        painter.frame.cursor = nil
        painter.fill(frame, role: .popup)
        switch layer {
        case .help(let scroll): HelpView.draw(state, scroll, frame, &painter)
        case .details(let entry, let scroll):
            DetailsView.draw(entry, scroll, state, frame, &painter)
        case .picker(let picker, _): PickerView.draw(picker, frame, &painter)
        case .question(_, let text, let yes, let no):
            let inner = painter.popup(frame, title: "")
            for (row, line) in wrap(text, inner.width - 2).prefix(inner.height - 2).enumerated() {
                painter.text(
                    line, x: inner.x + 1, y: inner.y + row, width: inner.width - 2, role: .popup)
            }
            drawAnswers(yes, no, inner, &painter)
        case .input(let field, let purpose, let title):
            let inner = painter.popup(frame, title: title)
            FieldView.draw(field, x: inner.x + 1, y: inner.y, width: inner.width - 2, &painter)
            if purpose == .sweep { drawNote(state.sweepNote, inner, &painter) }
        }
    }

    /// What is known about the line that is being typed.
    private static func drawNote(
        _ note: StatusMessage, _ inner: Rect, _ painter: inout Painter
    ) {
        let role: ThemeRole =
            switch note.kind {
            case .problem, .warning: .statusProblem
            case .success: .statusSuccess
            case .information: .textDimmed
            }
        let width = inner.width - 2
        for (row, line) in wrap(note.text, width).prefix(inner.height - 1).enumerated() {
            painter.text(
                line, x: inner.x + 1, y: inner.y + 1 + row, width: width, role: role, on: .popup)
        }
    }

    private static func drawAnswers(
        _ yes: String, _ no: String, _ inner: Rect, _ painter: inout Painter
    ) {
        let y = inner.maxY - 1
        var x = painter.text("Enter", x: inner.x + 1, y: y, width: inner.width - 2, role: .key)
        x = painter.text(yes, x: x + 1, y: y, width: inner.maxX - x - 2, role: .keyLabel)
        x = painter.text("Esc", x: x + 3, y: y, width: inner.maxX - x - 4, role: .key)
        painter.text(no, x: x + 1, y: y, width: inner.maxX - x - 2, role: .keyLabel)
    }

    /// Where a layer stands; nil on screens that are too small for any.
    static func frame(of layer: Layer, in state: AppState) -> Rect? {
        let screen = Rect(state.size)
        guard screen.width >= StudioLayout.minimum.width,
            screen.height >= StudioLayout.minimum.height
        else { return nil }
        // Where there is room, layers stand over the editors and leave the picture alone.
        let body = screen.splitTop(screen.height - StudioLayout.bars).top
        let area = StudioLayout(state).editorColumn ?? body
        switch layer {
        case .help:
            return placed(Size(width: 96, height: body.height), in: body)
        case .details: return placed(Size(width: 76, height: area.height), in: area)
        case .picker(let picker, _):
            let longest =
                picker.items.map { TextWidth.width(of: $0.title) + TextWidth.width(of: $0.detail) }
                .max() ?? 0
            let marks = picker.marks == nil ? 0 : 4
            return placed(
                Size(
                    width: min(max(40, longest + 8 + marks), 76),
                    height: min(picker.items.count + 4, 18)), in: area)
        case .question(_, let text, _, _):
            let width = placed(Size(width: 54, height: 1), in: area).width
            return placed(Size(width: width, height: wrap(text, width - 4).count + 4), in: area)
        case .input(_, .sweep, _): return placed(Size(width: 76, height: 6), in: area)
        case .input: return placed(Size(width: 60, height: 3), in: area)
        }
    }

    /// In the middle of an area, of which no slivers are left at the sides.
    private static func placed(_ size: Size, in area: Rect) -> Rect {
        let isNarrow = area.width - size.width < 8
        return area.centered(
            Size(width: isNarrow ? area.width : size.width, height: size.height))
    }

    private static func wrap(_ text: String, _ width: Int) -> [String] {
        TextLayout.wrapped(text, width: width)
    }
}
