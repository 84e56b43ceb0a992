import Presets
import Screen

/// The list of parameters with their values.
enum ParametersView {
    private static let labelWidth = 11

    static func draw(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        let isFocused = state.focus == .parameters
        let estimate = state.estimatedSeconds.map { "about \(Duration.text($0))" } ?? ""
        let inner = painter.box(
            area, title: Pane.parameters.title, isFocused: isFocused, note: estimate)
        let all = ParameterID.allCases
        let rows = inner.height
        for row in 0..<rows {
            let index = state.parameters.scroll + row
            guard all.indices.contains(index) else { break }
            drawLine(
                all[index], state,
                Rect(x: inner.x, y: inner.y + row, width: inner.width, height: 1),
                &painter)
        }
        painter.scrollMarks(inner, first: state.parameters.scroll, shown: rows, count: all.count)
        if isFocused { drawHint(state, area, &painter) }
    }

    private static func drawLine(
        _ parameter: ParameterID, _ state: AppState, _ row: Rect, _ painter: inout Painter
    ) {
        let isSelected = parameter == state.parameters.selection && state.focus == .parameters
        if isSelected { painter.fill(row, role: .selection) }
        let background: ThemeRole? = isSelected ? .selection : nil
        let reason = state.reason(against: parameter)
        painter.text(
            parameter.label, x: row.x + 1, y: row.y, width: min(labelWidth, row.width - 2),
            role: reason == nil ? .label : .textDimmed, on: background)
        let x = row.x + 1 + labelWidth
        let width = row.maxX - x - 1
        if isSelected, let editing = state.parameters.editing {
            drawEditing(editing, x, row.y, width, &painter)
            return
        }
        var (text, role) = shown(parameter, state, reason)
        if TextWidth.width(of: text) > width { text = ShortPaths.text(text) }
        painter.text(text, x: x, y: row.y, width: width, role: role, on: background)
    }

    private static func drawEditing(
        _ field: LineEditor, _ x: Int, _ y: Int, _ width: Int, _ painter: inout Painter
    ) {
        guard width > 1 else { return }
        painter.fill(Rect(x: x, y: y, width: width + 1, height: 1), role: .text)
        FieldView.draw(field, x: x, y: y, width: width, &painter)
    }

    /// What stands behind the label, and how.
    private static func shown(_ parameter: ParameterID, _ state: AppState, _ reason: String?)
        -> (String, ThemeRole)
    {
        if let reason { return (reason, .textDimmed) }
        if let only = state.onlyChoice(of: parameter) { return (only, .valueDefault) }
        let value = state.value(of: parameter)
        if !value.isEmpty {
            let role: ThemeRole =
                state.objection(to: parameter) != nil
                ? .statusWarning : usualValues[parameter] == value ? .valueDefault : .value
            return (title(value, parameter, state), role)
        }
        if let usual = state.defaultText(parameter) {
            return (usual.replacing("x", with: "×", in: parameter), .valueDefault)
        }
        return (empty(parameter), .textDimmed)
    }

    /// Values that are no news.
    private static let usualValues: [ParameterID: String] = [
        .schedule: "default", .seedMode: "random", .count: "1", .clipSkip: "2",
        .weighting: "a1111", .guidanceRescale: "0", .noiseSource: "torch",
        .variationStrength: "0", .tiling: "none", .safety: "off",
        .guidanceStart: "0", .guidanceEnd: "1", .featureReuse: "1",
    ]

    private static func title(_ value: String, _ parameter: ParameterID, _ state: AppState)
        -> String
    {
        parameter == .size ? value.replacing("x", with: "×", in: parameter) : value
    }

    private static func empty(_ parameter: ParameterID) -> String {
        switch parameter {
        case .model, .sampler, .vae, .precision: "default"
        case .style, .refiner, .hires, .initImage, .loras, .embeddings, .controls, .imagePrompts,
            .extras:
            "none"
        default: "-"
        }
    }

    /// What there is to know about the selected parameter, in the lower border.
    private static func drawHint(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        let (whole, role) = hint(state)
        guard !whole.isEmpty, area.height > 2 else { return }
        let room = area.width - 6
        let text = TextWidth.width(of: whole) > room ? ShortPaths.text(whole) : whole
        painter.text(
            " \(TextWidth.truncated(text, to: room)) ", x: area.x + 1, y: area.maxY - 1,
            width: area.width - 4, style: painter.look[role].on(painter.look[.text].background))
    }

    private static func hint(_ state: AppState) -> (String, ThemeRole) {
        if let problem = state.parameters.problem { return (problem, .statusProblem) }
        if let completion = state.completion, !completion.chosen.detail.isEmpty {
            return (completion.chosen.detail, .textDimmed)
        }
        if let objection = state.objection(to: state.parameters.selection) {
            return (objection, .statusWarning)
        }
        return (state.parameters.selection.hint, .textDimmed)
    }
}

extension String {
    /// The text with a proper sign of multiplication where it is a size.
    fileprivate func replacing(_ old: Character, with new: Character, in parameter: ParameterID)
        -> String
    {
        parameter == .size ? String(map { $0 == old ? new : $0 }) : self
    }
}
