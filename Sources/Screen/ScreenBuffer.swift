/// A rectangle of cells that views draw into. Drawing outside of it is cut off, never an error.
public struct ScreenBuffer: Hashable, Sendable {
    public let size: Size
    /// Rows from top to bottom, `size.width` cells each.
    public private(set) var cells: [Cell]

    /// Blank cells of one style.
    public init(size: Size, style: Style = Style()) {
        self.size = size
        cells = [Cell](repeating: .blank(style), count: size.width * size.height)
    }

    /// The whole area.
    public var bounds: Rect { Rect(size) }

    /// The cell at a position inside the bounds; nil outside.
    public func cell(x: Int, y: Int) -> Cell? {
        guard x >= 0, y >= 0, x < size.width, y < size.height else { return nil }
        return cells[y * size.width + x]
    }

    /// Prints text from a position, cut at the right edge of `clip` (default: the whole buffer).
    ///
    /// - Returns: the column after the last one that the text needs, also where it was cut.
    @discardableResult
    public mutating func print(
        _ text: some StringProtocol, x: Int, y: Int, style: Style, clip: Rect? = nil
    ) -> Int {
        let area = clip.map { $0.intersection(bounds) } ?? bounds
        var column = x
        for character in text {
            column = put(character, x: column, y: y, style: style, clip: area)
        }
        return column
    }

    /// Prints one character; a wide one that does not fit leaves blanks.
    ///
    /// - Returns: the column after it.
    @discardableResult
    public mutating func put(
        _ character: Character, x: Int, y: Int, style: Style, clip: Rect? = nil
    ) -> Int {
        let area = clip.map { $0.intersection(bounds) } ?? bounds
        var column = x
        for glyph in TextWidth.glyphs(of: character) {
            place(glyph, x: column, y: y, style: style, clip: area)
            column += glyph.width
        }
        return column
    }

    /// Fills an area with blanks of a style.
    public mutating func fill(_ area: Rect, style: Style) {
        fill(area, with: Cell.blank(style))
    }

    /// Fills an area with a narrow character.
    public mutating func fill(_ area: Rect, with cell: Cell) {
        let area = area.intersection(bounds)
        for y in area.y..<area.maxY {
            if area.isEmpty { return }
            separate(x: area.x, y: y)
            separate(x: area.maxX, y: y)
            for x in area.x..<area.maxX { cells[y * size.width + x] = cell }
        }
    }

    /// Changes the style of cells and leaves their text.
    public mutating func restyle(_ area: Rect, _ change: (inout Style) -> Void) {
        let area = area.intersection(bounds)
        guard !area.isEmpty else { return }
        for y in area.y..<area.maxY {
            for x in area.x..<area.maxX { change(&cells[y * size.width + x].style) }
        }
    }

    /// The text of a row without blanks at its end.
    public func text(row: Int) -> String {
        guard row >= 0, row < size.height else { return "" }
        let line = cells[(row * size.width)..<((row + 1) * size.width)].map(\.text).joined()
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// All rows, as a test or a person reads them.
    public var text: String {
        (0..<size.height).map { text(row: $0) }.joined(separator: "\n")
    }

    /// Replaces cells by those of a run of a diff.
    mutating func replace(x: Int, y: Int, with run: ArraySlice<Cell>) {
        for (offset, cell) in run.enumerated() where x + offset < size.width && y < size.height {
            cells[y * size.width + x + offset] = cell
        }
    }

    private mutating func place(
        _ glyph: TextWidth.Glyph, x: Int, y: Int, style: Style, clip: Rect
    ) {
        guard y >= clip.y, y < clip.maxY else { return }
        if glyph.width == 1 {
            guard x >= clip.x, x < clip.maxX else { return }
            store(Cell(text: glyph.text, style: style), x: x, y: y)
            return
        }
        let fits = x >= clip.x && x + 1 < clip.maxX
        for column in x...(x + 1) where column >= clip.x && column < clip.maxX {
            store(.blank(style), x: column, y: y)
        }
        guard fits else { return }
        cells[y * size.width + x] = Cell(text: glyph.text, style: style, width: 2)
        cells[y * size.width + x + 1] = Cell(text: "", style: style, width: 0)
    }

    private mutating func store(_ cell: Cell, x: Int, y: Int) {
        separate(x: x, y: y)
        separate(x: x + 1, y: y)
        cells[y * size.width + x] = cell
    }

    /// Blanks a wide character that spans the border between columns `x - 1` and `x`.
    private mutating func separate(x: Int, y: Int) {
        guard x > 0, x < size.width, cells[y * size.width + x].width == 0 else { return }
        cells[y * size.width + x - 1] = .blank(cells[y * size.width + x - 1].style)
        cells[y * size.width + x] = .blank(cells[y * size.width + x].style)
    }
}
