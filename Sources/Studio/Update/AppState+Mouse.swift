import Screen

extension AppState {
    /// Clicks focus, scrolling moves in lists, a click on a line selects it.
    mutating func handle(_ mouse: MouseEvent) -> [Effect] {
        if !layers.isEmpty { return handleInLayer(mouse) }
        let layout = StudioLayout(self)
        if case .press(.left) = mouse.kind, let tab = TabBar.tab(at: mouse.position, self, layout) {
            setFocus(tab)
            return []
        }
        guard let pane = layout.pane(at: mouse.position), let frame = layout.panes[pane] else {
            return []
        }
        let row = mouse.position.y - frame.y - 1
        switch mouse.kind {
        case .press(.left):
            status = nil
            setFocus(pane)
            return click(pane, frame, row: row, column: mouse.position.x - frame.x - 2)
        case .drag(.left) where pane == focus && pane.isEditor:
            placeCursor(
                pane, frame, row: row, column: mouse.position.x - frame.x - 2, selecting: true)
        case .scrollUp: return scroll(pane, -1)
        case .scrollDown: return scroll(pane, 1)
        default: break
        }
        return []
    }

    private mutating func handleInLayer(_ mouse: MouseEvent) -> [Effect] {
        switch mouse.kind {
        case .scrollUp: return pressInLayer(KeyEvent(.up))
        case .scrollDown: return pressInLayer(KeyEvent(.down))
        case .press(.left): return clickInLayer(mouse.position)
        default: return []
        }
    }

    /// A click on a line of a picker chooses it; one outside of a layer closes it.
    private mutating func clickInLayer(_ position: Position) -> [Effect] {
        guard let layer = layers.last, let frame = LayerView.frame(of: layer, in: self) else {
            return []
        }
        guard frame.contains(position) else {
            return pressInLayer(KeyEvent(.escape))
        }
        guard case .picker(var picker, let choice) = layer else { return [] }
        let row = position.y - frame.y - 3
        let first = PickerView.firstRow(picker, rows: frame.height - 4)
        guard row >= 0, row < frame.height - 4, first + row < picker.matches.count else {
            return []
        }
        picker.move(first + row - picker.selection)
        layers[layers.count - 1] = .picker(picker, choice)
        return pressInLayer(KeyEvent(.enter))
    }

    private mutating func click(_ pane: Pane, _ frame: Rect, row: Int, column: Int) -> [Effect] {
        guard row >= 0, row < frame.height - 2 else { return [] }
        switch pane {
        case .prompt, .negative:
            placeCursor(pane, frame, row: row, column: column, selecting: false)
        case .parameters:
            let all = ParameterID.allCases
            let index = parameters.scroll + row
            guard all.indices.contains(index) else { return [] }
            if all[index] == parameters.selection {
                editParameter()
            } else {
                parameters.selection = all[index]
            }
        case .history:
            let index = history.scroll + row / HistoryView.rowsPerEntry(self, in: frame)
            guard history.rows.indices.contains(index) else { return [] }
            return selectEntry(index)
        case .queue:
            let index = QueueView.firstJob(self, in: frame) + row / QueueView.rowsPerJob
            if queue.jobs.indices.contains(index) { queueSelection = index }
        case .preview where preview.showsSheet:
            guard let sheet else { return [] }
            let place = Position(x: frame.x + 2 + column, y: frame.y + 1 + row)
            if let index = SheetView.index(
                sheet, self, PreviewView.pictureArea(frame), at: place)
            {
                self.sheet?.selection = index
            }
        case .preview:
            if let index = PreviewView.gridIndex(self, frame, row: row, column: column) {
                preview.selection = index
            }
        }
        return []
    }

    private mutating func placeCursor(
        _ pane: Pane, _ frame: Rect, row: Int, column: Int, selecting: Bool
    ) {
        var field = pane == .prompt ? prompt : negative
        let layout = field.lines(width: StudioLayout.textWidth(in: frame))
        let line = max(0, min(layout.lines.count - 1, field.scroll + row))
        field.editor.place(
            layout.position(
                row: line, column: max(0, column), in: field.editor.characters),
            selecting: selecting)
        if pane == .prompt { prompt = field } else { negative = field }
    }

    private mutating func scroll(_ pane: Pane, _ direction: Int) -> [Effect] {
        switch pane {
        case .history: return selectEntry(history.selection + direction)
        case .queue: queueSelection += direction
        case .parameters:
            setFocus(.parameters)
            return perform(direction < 0 ? .parameterUp : .parameterDown)
        case .preview:
            guard preview.zoom != .fit else { return [] }
            return perform(direction < 0 ? .panUp : .panDown)
        case .prompt, .negative:
            setFocus(pane)
            return perform(direction < 0 ? .moveUp : .moveDown)
        }
        return []
    }
}
