import Presets
import Screen

/// The whole screen.
public enum StudioView {
    /// Renders a state. Pure: equal states give equal frames.
    public static func render(_ state: AppState) -> Frame {
        var painter = Painter(size: state.size, look: state.look)
        let layout = StudioLayout(state)
        guard !layout.isTooSmall else {
            drawTooSmall(state, &painter)
            return painter.frame
        }
        for pane in Pane.allCases {
            guard let frame = layout.panes[pane] else { continue }
            draw(pane, state, frame, &painter)
        }
        if !layout.tabs.isEmpty { TabBar.draw(state, layout, &painter) }
        StatusLine.draw(state, layout.status, &painter)
        KeyFooter.draw(state, layout.footer, &painter)
        if let completion = state.completion, let pane = layout.panes[completion.pane] {
            CompletionView.draw(completion, pane, &painter)
        }
        for layer in state.layers { LayerView.draw(layer, state, &painter) }
        return painter.frame
    }

    private static func draw(
        _ pane: Pane, _ state: AppState, _ frame: Rect, _ painter: inout Painter
    ) {
        switch pane {
        case .prompt, .negative: PromptView.draw(pane, state, frame, &painter)
        case .parameters: ParametersView.draw(state, frame, &painter)
        case .preview: PreviewView.draw(state, frame, &painter)
        case .history: HistoryView.draw(state, frame, &painter)
        case .queue: QueueView.draw(state, frame, &painter)
        }
    }

    private static func drawTooSmall(_ state: AppState, _ painter: inout Painter) {
        let minimum = StudioLayout.minimum
        let lines = [
            "The window is too small.",
            "\(minimum.width)×\(minimum.height) cells are needed,",
            "these are \(state.size.width)×\(state.size.height).",
        ]
        let rows = lines.enumerated().flatMap { index, line in
            // Narrower windows than a word have no room for one.
            TextLayout.wrapped(line, width: max(12, state.size.width)).map { (index == 0, $0) }
        }
        let area = Rect(state.size).centered(Size(width: state.size.width, height: rows.count))
        for (row, (isHeading, line)) in rows.prefix(area.height).enumerated() {
            let x = max(0, (area.width - TextWidth.width(of: line)) / 2)
            painter.text(
                line, x: x, y: area.y + row, width: area.width - x,
                role: isHeading ? .textHeading : .text)
        }
    }
}
