import Presets
import Screen

/// The names of panes that share a place, in the frame of the visible one.
enum TabBar {
    static func draw(_ state: AppState, _ layout: StudioLayout, _ painter: inout Painter) {
        guard let frame = layout.panes[state.sidePane] else { return }
        let border = painter.look[state.focus == state.sidePane ? .borderFocused : .border]
        painter.frame.buffer.fill(
            Rect(x: frame.x + 1, y: frame.y, width: frame.width - 2, height: 1),
            with: Cell(text: "─", style: border))
        for (tab, area) in areas(state, layout) {
            let isVisible = tab == state.sidePane
            let isFocused = isVisible && state.focus == tab
            painter.text(
                " \(label(tab, state)) ", x: area.x, y: area.y, width: area.width,
                role: isFocused ? .titleFocused : isVisible ? .textHeading : .textDimmed)
        }
    }

    /// The tab at a cell.
    static func tab(at position: Position, _ state: AppState, _ layout: StudioLayout) -> Pane? {
        areas(state, layout).first { $0.1.contains(position) }?.0
    }

    private static func areas(_ state: AppState, _ layout: StudioLayout) -> [(Pane, Rect)] {
        guard !layout.tabs.isEmpty, let frame = layout.panes[state.sidePane] else { return [] }
        var x = frame.x + 1
        return layout.tabs.compactMap { tab in
            let width = TextWidth.width(of: label(tab, state)) + 2
            guard x + width < frame.maxX else { return nil }
            defer { x += width + 1 }
            return (tab, Rect(x: x, y: frame.y, width: width, height: 1))
        }
    }

    private static func label(_ tab: Pane, _ state: AppState) -> String {
        switch tab {
        case .queue where !state.queue.jobs.isEmpty: "Queue \(state.queue.jobs.count)"
        default: tab.title
        }
    }
}
