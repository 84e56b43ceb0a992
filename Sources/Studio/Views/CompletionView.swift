import Presets
import Screen

/// The popup under the cursor: names that could stand there.
enum CompletionView {
    private static let mostRows = 8

    /// Draws over what stands below the cursor, or above it where there is more room.
    static func draw(_ completion: Completion, _ pane: Rect, _ painter: inout Painter) {
        guard let cursor = painter.frame.cursor, pane.width > 12 else { return }
        let longest =
            completion.items.map {
                TextWidth.width(of: $0.name) + TextWidth.width(of: $0.kind.rawValue)
                    + ($0.detail.isEmpty ? 0 : TextWidth.width(of: $0.detail) + 2)
            }.max() ?? 0
        let room = pane.inset(dx: 1, dy: 0)
        let width = min(room.width, max(24, longest + 5))
        let screen = painter.frame.buffer.size
        let below = screen.height - 2 - cursor.y - 1
        let wanted = min(mostRows, completion.items.count)
        let isBelow = below >= wanted || below >= cursor.y
        let rows = min(wanted, isBelow ? below : cursor.y)
        guard rows > 0 else { return }
        let area = Rect(
            x: max(room.x, min(cursor.x, room.maxX - width)),
            y: isBelow ? cursor.y + 1 : cursor.y - rows, width: width, height: rows)
        painter.fill(area, role: .popup)
        let first = max(0, min(completion.selection - rows / 2, completion.items.count - rows))
        for row in 0..<rows {
            let index = first + row
            draw(
                completion.items[index], isSelected: index == completion.selection,
                Rect(x: area.x, y: area.y + row, width: area.width, height: 1), &painter)
        }
    }

    private static func draw(
        _ item: Completion.Item, isSelected: Bool, _ row: Rect, _ painter: inout Painter
    ) {
        if isSelected { painter.fill(row, role: .selection) }
        let ground: ThemeRole = isSelected ? .selection : .popup
        let kind = item.kind.rawValue
        let kindWidth = TextWidth.width(of: kind)
        let room = row.width - kindWidth - 4
        let end = painter.text(
            item.name, x: row.x + 1, y: row.y, width: room,
            role: isSelected ? .selection : role(item.kind), on: ground)
        let used = end - row.x + 1
        if !item.detail.isEmpty, room - used > 8 {
            painter.text(
                item.detail, x: end + 2, y: row.y, width: room - used,
                role: isSelected ? .selection : .textDimmed, on: ground)
        }
        painter.text(
            kind, x: row.maxX - 1 - kindWidth, y: row.y, width: kindWidth,
            role: isSelected ? .selection : .textDimmed, on: ground)
    }

    private static func role(_ kind: Completion.Kind) -> ThemeRole {
        switch kind {
        case .lora: .promptLoRA
        case .wildcard: .promptWildcard
        default: .text
        }
    }
}
