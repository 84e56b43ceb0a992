import Presets
import Screen

/// A list that typing narrows down.
enum PickerView {
    static func draw(_ picker: Picker, _ frame: Rect, _ painter: inout Painter) {
        let count = "\(picker.matches.count)/\(picker.items.count)"
        let inner = painter.popup(frame, title: picker.title, note: count)
        guard inner.height > 2 else { return }
        painter.text("›", x: inner.x + 1, y: inner.y, width: 1, role: .key)
        painter.text(
            String(repeating: "─", count: inner.width), x: inner.x, y: inner.y + 1,
            width: inner.width, role: .popupBorder, on: .popup)
        let column = detailColumn(picker, inner.width)
        let rows = inner.height - 2
        let first = firstRow(picker, rows: rows)
        if picker.matches.isEmpty {
            painter.text(
                "Nothing matches.", x: inner.x + 1, y: inner.y + 2, width: inner.width - 2,
                role: .textDimmed, on: .popup)
        }
        for row in 0..<rows where picker.matches.indices.contains(first + row) {
            let area = Rect(x: inner.x, y: inner.y + 2 + row, width: inner.width, height: 1)
            draw(
                picker.matches[first + row], picker, isSelected: first + row == picker.selection,
                area, detailColumn: column, &painter)
        }
        painter.scrollMarks(
            Rect(x: inner.x, y: inner.y + 2, width: inner.width, height: rows), first: first,
            shown: rows, count: picker.matches.count, on: .popup)
        FieldView.draw(picker.field, x: inner.x + 3, y: inner.y, width: inner.width - 4, &painter)
    }

    /// The first match that is shown.
    static func firstRow(_ picker: Picker, rows: Int) -> Int {
        max(0, min(picker.selection - rows / 2, picker.matches.count - rows))
    }

    private static func draw(
        _ match: FuzzyMatch, _ picker: Picker, isSelected: Bool, _ row: Rect,
        detailColumn: Int?, _ painter: inout Painter
    ) {
        let item = picker.items[match.index]
        if isSelected { painter.fill(row, role: .selection) }
        let background: ThemeRole? = isSelected ? .selection : .popup
        let role: ThemeRole = item.reason == nil ? .text : .textDimmed
        var row = row
        if let marks = picker.marks {
            let mark = marks.contains(item.id) ? "[x]" : item.reason == nil ? "[ ]" : " - "
            painter.text(mark, x: row.x + 1, y: row.y, width: 3, role: role, on: background)
            row = Rect(x: row.x + 4, y: row.y, width: row.width - 4, height: 1)
        }
        let titleWidth = min(TextWidth.width(of: item.title), row.width - 2)
        let end = painter.text(
            item.title, x: row.x + 1, y: row.y, width: titleWidth, role: role, on: background)
        if !isSelected { mark(match, item.title, row, &painter) }
        let detail = item.reason ?? item.detail
        let room = row.maxX - 1 - end - 2
        guard room > 3, !detail.isEmpty else { return }
        if let column = detailColumn.map({ row.x + $0 }), column >= end + 2 {
            painter.text(
                detail, x: column, y: row.y, width: row.maxX - 1 - column, role: .textDimmed,
                on: background)
            return
        }
        let width = min(room, TextWidth.width(of: detail))
        painter.text(
            detail, x: row.maxX - 1 - width, y: row.y, width: width, role: .textDimmed,
            on: background)
    }

    /// Where details begin when they do not all fit beside their titles; nil: each ends at the right.
    private static func detailColumn(_ picker: Picker, _ width: Int) -> Int? {
        let titles = picker.items.map { TextWidth.width(of: $0.title) }
        let details = picker.items.map { TextWidth.width(of: $0.reason ?? $0.detail) }
        guard let longest = titles.max(), longest < width / 2,
            zip(titles, details).contains(where: { $1 > 0 && $0 + $1 + 4 > width })
        else { return nil }
        return 1 + longest + 2
    }

    /// Whether the selected item's detail is seen whole.
    static func showsAll(of picker: Picker, width: Int) -> Bool {
        guard let item = picker.chosen else { return true }
        let marks = picker.marks == nil ? 0 : 4
        let column = detailColumn(picker, width) ?? TextWidth.width(of: item.title) + 3
        let detail = TextWidth.width(of: item.reason ?? item.detail)
        return column + detail + 1 + marks <= width
    }

    private static func mark(
        _ match: FuzzyMatch, _ title: String, _ row: Rect, _ painter: inout Painter
    ) {
        let characters = Array(title)
        for position in match.positions where position < characters.count {
            let x = row.x + 1 + TextWidth.width(of: String(characters[..<position]))
            guard x < row.maxX - 1 else { return }
            painter.frame.buffer.put(
                characters[position], x: x, y: row.y, style: painter.style(.match, on: .popup))
        }
    }
}
