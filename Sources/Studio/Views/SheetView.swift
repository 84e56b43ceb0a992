import Generation
import Presets
import Screen

/// The labelled grid of a sweep or of a comparison of backends.
enum SheetView {
    /// A picture in fewer cells cannot be told from another.
    private static let smallest = Size(width: 12, height: 6)

    /// Where the parts of the grid stand.
    struct Layout {
        /// Columns and rows that are shown.
        var columns: Range<Int> = 0..<0
        var rows: Range<Int> = 0..<0
        /// Size of a cell with its frame.
        var cell = Size.zero
        /// Width of the labels at the left; 0 where there are none.
        var labelWidth = 0
        /// The cells without their labels.
        var grid = Rect.zero

        init(_ sheet: Sheet, _ state: AppState, _ area: Rect) {
            let longest = sheet.rows.map { TextWidth.width(of: $0) }.max() ?? 0
            labelWidth = longest == 0 ? 0 : min(longest, 18, area.width / 4) + 1
            let top = sheet.columns.isEmpty ? 0 : 1
            let room = Size(width: area.width - labelWidth, height: area.height - top)
            guard room.width > 4, room.height > 2 else { return }
            columns = Self.shown(
                sheet.columnCount, room.width / smallest.width, sheet.selectedColumn)
            rows = Self.shown(sheet.rowCount, room.height / smallest.height, sheet.selectedRow)
            let width = room.width / columns.count
            let height = min(room.height / rows.count, Self.height(width, sheet, state))
            cell = Size(width: width, height: height)
            let used = Size(width: width * columns.count, height: height * rows.count)
            grid = Rect(
                x: area.x + labelWidth + (room.width - used.width) / 2,
                y: area.y + top + (room.height - used.height) / 2, width: used.width,
                height: used.height)
        }

        /// The stretch of a long axis that holds the selection: whole pages, so that pictures stay
        /// in place while the selection moves among them.
        private static func shown(_ count: Int, _ room: Int, _ selected: Int) -> Range<Int> {
            let shown = max(1, min(count, room))
            let first = max(0, min(selected / shown * shown, count - shown))
            return first..<(first + shown)
        }

        /// Rows of a cell whose picture fills its width.
        private static func height(_ width: Int, _ sheet: Sheet, _ state: AppState) -> Int {
            let image = sheet.cells.lazy.compactMap(\.image).first
            let request = sheet.cells.first?.request
            let wide = image?.width ?? request?.width ?? 1
            let high = image?.height ?? request?.height ?? wide
            let pixels = Double((width - 2) * state.pictureCell.width) * Double(high)
            let rows = pixels / Double(max(1, wide)) / Double(max(1, state.pictureCell.height))
            return max(smallest.height, Int(rows.rounded(.up)) + 2)
        }

        /// The frame of a place that is shown.
        func frame(column: Int, row: Int) -> Rect {
            Rect(
                x: grid.x + (column - columns.lowerBound) * cell.width,
                y: grid.y + (row - rows.lowerBound) * cell.height, width: cell.width,
                height: cell.height)
        }
    }

    static func draw(_ sheet: Sheet, _ state: AppState, _ area: Rect, _ painter: inout Painter) {
        let layout = Layout(sheet, state, area)
        guard !layout.grid.isEmpty else { return }
        drawLabels(sheet, layout, area, &painter)
        drawMarks(sheet, layout, area, &painter)
        for row in layout.rows {
            for column in layout.columns {
                let index = sheet.index(column: column, row: row)
                guard sheet.cells.indices.contains(index) else { continue }
                drawCell(
                    index, sheet, state, layout.frame(column: column, row: row), &painter)
            }
        }
    }

    /// The cell of the grid at a place of the screen.
    static func index(_ sheet: Sheet, _ state: AppState, _ area: Rect, at place: Position) -> Int? {
        let layout = Layout(sheet, state, area)
        for row in layout.rows {
            for column in layout.columns
            where layout.frame(column: column, row: row).contains(place) {
                let index = sheet.index(column: column, row: row)
                return sheet.cells.indices.contains(index) ? index : nil
            }
        }
        return nil
    }

    /// Says that there are more rows or columns than there is room for.
    private static func drawMarks(
        _ sheet: Sheet, _ layout: Layout, _ area: Rect, _ painter: inout Painter
    ) {
        painter.scrollMarks(
            area, first: layout.rows.lowerBound, shown: layout.rows.count, count: sheet.rowCount)
        let y = max(area.y, layout.grid.y - 1)
        if layout.columns.lowerBound > 0 {
            painter.text("◂", x: layout.grid.x - 1, y: y, width: 1, role: .textDimmed)
        }
        if layout.columns.upperBound < sheet.columnCount {
            painter.text("▸", x: layout.grid.maxX - 1, y: y, width: 1, role: .textDimmed)
        }
    }

    private static func drawLabels(
        _ sheet: Sheet, _ layout: Layout, _ area: Rect, _ painter: inout Painter
    ) {
        for column in layout.columns where sheet.columns.indices.contains(column) {
            let frame = layout.frame(column: column, row: layout.rows.lowerBound)
            let label = sheet.columns[column]
            let width = min(frame.width - 1, TextWidth.width(of: label))
            painter.text(
                label, x: frame.x + (frame.width - width) / 2, y: layout.grid.y - 1, width: width,
                role: column == sheet.selectedColumn ? .textHeading : .label)
        }
        for row in layout.rows where sheet.rows.indices.contains(row) {
            let frame = layout.frame(column: layout.columns.lowerBound, row: row)
            let label = sheet.rows[row]
            let width = min(layout.labelWidth - 1, TextWidth.width(of: label))
            painter.text(
                label, x: frame.x - 1 - width, y: frame.y + frame.height / 2, width: width,
                role: row == sheet.selectedRow ? .textHeading : .label)
        }
    }

    private static func drawCell(
        _ index: Int, _ sheet: Sheet, _ state: AppState, _ frame: Rect, _ painter: inout Painter
    ) {
        let cell = sheet.cells[index]
        let isSelected = index == sheet.selection
        let isRunning = cell.entry == nil && cell.image != nil
        let title = (isSelected ? "▸" : "") + (isRunning ? "…" : "")
        let inner = painter.box(frame, title: title, isFocused: isSelected)
        guard !inner.isEmpty else { return }
        if let image = cell.image {
            PreviewView.put(image, state, inner, &painter)
            return
        }
        let ground = painter.look[.text].background
        let style = painter.look[cell.problem == nil ? .textDimmed : .statusProblem].on(ground)
        let lines = wrap(text(cell, state), inner.width).prefix(inner.height)
        for (row, line) in lines.enumerated() {
            let width = min(inner.width, TextWidth.width(of: line))
            painter.text(
                line, x: inner.x + (inner.width - width) / 2,
                y: inner.y + (inner.height - lines.count) / 2 + row, width: width, style: style)
        }
    }

    /// Where a cell stands that has no picture.
    private static func text(_ cell: Sheet.Cell, _ state: AppState) -> String {
        if let problem = cell.problem { return problem }
        if cell.entry != nil { return "" }
        guard let job = cell.job.flatMap({ state.queue.job($0) }) else { return "stopped" }
        return StageText.text(job)
    }

    private static func wrap(_ text: String, _ width: Int) -> [String] {
        TextLayout.wrapped(text, width: width)
    }

    /// All about the selected cell in one line.
    static func caption(_ sheet: Sheet, _ state: AppState) -> String {
        guard let cell = sheet.selected else { return "" }
        var parts = [printable(cell.label, limit: 100)]
        if sheet.pageCount > 1 {
            parts.insert("page \(sheet.selectedPage + 1) of \(sheet.pageCount)", at: 0)
        }
        if let problem = cell.problem {
            parts.append(problem)
        } else if cell.entry == nil {
            parts.append(text(cell, state))
        }
        if let seed = cell.request.seeds.first { parts.append("seed \(seed)") }
        if !cell.notes.isEmpty { parts.append("left out: \(cell.notes.joined(separator: "; "))") }
        return parts.joined(separator: " · ")
    }

    static func title(_ sheet: Sheet) -> String {
        sheet.kind == .sweep ? "Sweep" : "Backends side by side"
    }

    static func note(_ sheet: Sheet) -> String {
        let done = "\(sheet.doneCount) of \(sheet.cells.count)"
        guard sheet.pages.indices.contains(sheet.selectedPage), sheet.pageCount > 1 else {
            return done
        }
        return "\(sheet.pages[sheet.selectedPage]) · \(done)"
    }
}
