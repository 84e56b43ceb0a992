import Presets
import Screen

/// Draws into a frame with the styles of a look.
struct Painter {
    var frame: Frame
    let look: Look

    init(size: Size, look: Look) {
        self.look = look
        frame = Frame(size: size, style: look[.text])
    }

    /// Prints a text, cut with `…` where it is too long.
    ///
    /// - Returns: the column behind it.
    @discardableResult
    mutating func text(
        _ text: String, x: Int, y: Int, width: Int, role: ThemeRole, on background: ThemeRole? = nil
    ) -> Int {
        self.text(text, x: x, y: y, width: width, style: style(role, on: background))
    }

    @discardableResult
    mutating func text(_ text: String, x: Int, y: Int, width: Int, style: Style) -> Int {
        guard width > 0 else { return x }
        let cut = TextWidth.truncated(text, to: width)
        return frame.buffer.print(
            cut, x: x, y: y, style: style, clip: Rect(x: x, y: y, width: width, height: 1))
    }

    /// Prints a text that ends at the right edge of an area's row.
    mutating func textAtEnd(
        _ text: String, in row: Rect, role: ThemeRole, on background: ThemeRole? = nil
    ) {
        let width = min(row.width, TextWidth.width(of: text))
        self.text(text, x: row.maxX - width, y: row.y, width: width, role: role, on: background)
    }

    /// A role's style, on another role's background where it has none of its own. On a selection
    /// everything has the selection's colours: no theme can make them unreadable there.
    func style(_ role: ThemeRole, on background: ThemeRole?) -> Style {
        let style = look[role]
        guard let background else { return style }
        if background == .selection { return look[.selection] }
        let isPlain = [.standard, look[.text].background].contains(style.background)
        return isPlain ? style.on(look[background].background) : style
    }

    /// A frame with a title in its upper border; nothing where it does not fit.
    ///
    /// - Returns: the area inside.
    @discardableResult
    mutating func box(_ area: Rect, title: String, isFocused: Bool, note: String = "") -> Rect {
        box(
            area, title: title, note: note, border: isFocused ? .borderFocused : .border,
            titleRole: isFocused ? .titleFocused : .title)
    }

    /// The frame of what lies over the panes, on its own background.
    ///
    /// - Returns: the area inside.
    mutating func popup(_ area: Rect, title: String, note: String = "") -> Rect {
        box(
            area, title: title, note: note, border: .popupBorder, titleRole: .titleFocused,
            on: .popup)
    }

    private mutating func box(
        _ area: Rect, title: String, note: String, border: ThemeRole, titleRole: ThemeRole,
        on background: ThemeRole? = nil
    ) -> Rect {
        guard area.width >= 2, area.height >= 2 else { return area }
        drawBorder(area, style(border, on: background))
        let room = area.width - 4
        if room > 2, !title.isEmpty {
            text(
                " \(title) ", x: area.x + 1, y: area.y, width: room, role: titleRole,
                on: background)
        }
        let used = TextWidth.width(of: title) + 4
        if !note.isEmpty, TextWidth.width(of: note) + 3 <= area.width - used {
            let width = TextWidth.width(of: note) + 2
            text(
                " \(note) ", x: area.maxX - width - 1, y: area.y, width: width, role: .textDimmed,
                on: background)
        }
        return area.inset(dx: 1, dy: 1)
    }

    private mutating func drawBorder(_ area: Rect, _ style: Style) {
        let horizontal = Cell(text: "─", style: style)
        let vertical = Cell(text: "│", style: style)
        let (right, bottom) = (area.maxX - 1, area.maxY - 1)
        frame.buffer.fill(
            Rect(x: area.x, y: area.y, width: area.width, height: 1), with: horizontal)
        frame.buffer.fill(
            Rect(x: area.x, y: bottom, width: area.width, height: 1), with: horizontal)
        frame.buffer.fill(Rect(x: area.x, y: area.y, width: 1, height: area.height), with: vertical)
        frame.buffer.fill(Rect(x: right, y: area.y, width: 1, height: area.height), with: vertical)
        for (corner, x, y) in [
            ("╭", area.x, area.y), ("╮", right, area.y), ("╰", area.x, bottom),
            ("╯", right, bottom),
        ] {
            frame.buffer.print(corner, x: x, y: y, style: style)
        }
    }

    /// An empty area of a role.
    mutating func fill(_ area: Rect, role: ThemeRole) {
        frame.buffer.fill(area, style: look[role])
    }

    /// A bar whose filled part is `fraction` of its width, in eighths of a cell.
    mutating func gauge(_ area: Rect, fraction: Double, on background: ThemeRole? = nil) {
        guard area.width > 0 else { return }
        let eighths = Int((min(1, max(0, fraction)) * Double(area.width * 8)).rounded())
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        var bar = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
        let filled = TextWidth.width(of: bar)
        text(bar, x: area.x, y: area.y, width: area.width, role: .progress, on: background)
        bar = String(repeating: "─", count: area.width - filled)
        text(
            bar, x: area.x + filled, y: area.y, width: area.width - filled, role: .progressRest,
            on: background)
    }

    /// Marks what a scrolled list hides, in its frame's right border.
    mutating func scrollMarks(
        _ inner: Rect, first: Int, shown: Int, count: Int, on background: ThemeRole? = nil
    ) {
        let style = style(.textDimmed, on: background)
        if first > 0 {
            frame.buffer.print("▲", x: inner.maxX, y: inner.y, style: style)
        }
        if first + shown < count {
            frame.buffer.print("▼", x: inner.maxX, y: inner.maxY - 1, style: style)
        }
    }
}
