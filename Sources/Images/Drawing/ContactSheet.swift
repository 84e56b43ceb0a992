import Generation

/// Pictures in a labelled grid: columns under their labels, rows behind theirs, and several such
/// grids below each other.
public struct ContactSheet: Sendable {
    /// One grid.
    public struct Page: Sendable {
        /// Above the grid; may be empty.
        public var title: String
        /// Row by row; nil where there is no picture.
        public var cells: [[PixelImage?]]

        /// A grid with a heading.
        public init(title: String, cells: [[PixelImage?]]) {
            self.title = title
            self.cells = cells
        }
    }

    /// Above everything; may be empty.
    public var title: String
    /// Labels of the columns; empty for none.
    public var columns: [String]
    /// Labels of the rows; empty for none.
    public var rows: [String]
    /// The grids, with one cell per row and column.
    public var pages: [Page]

    /// Longest side of a sheet; larger ones get smaller cells.
    static let maximumSide = 12_000
    private static let gap = 8
    private static let maximumLabel = 40

    /// A sheet of grids that share their labels.
    public init(title: String, columns: [String], rows: [String], pages: [Page]) {
        self.title = title
        self.columns = columns
        self.rows = rows
        self.pages = pages
    }

    /// The sheet as a picture.
    public func picture() -> PixelImage {
        let layout = Layout(self)
        var canvas = Canvas(width: layout.width, height: layout.height)
        canvas.write(title, x: Self.gap, y: Self.gap, scale: 2, limit: layout.width - 2 * Self.gap)
        for (index, page) in pages.enumerated() {
            draw(page, at: layout.top + index * layout.pageHeight, layout, &canvas)
        }
        return canvas.picture
    }

    private func draw(_ page: Page, at top: Int, _ layout: Layout, _ canvas: inout Canvas) {
        canvas.write(
            page.title, x: Self.gap, y: top, scale: 2, limit: layout.width - 2 * Self.gap)
        let head = top + layout.titleHeight
        for (column, label) in columns.enumerated() {
            let text = String(label.prefix(Self.maximumLabel))
            let room = max(0, layout.cell.width - Canvas.width(text, scale: 2)) / 2
            canvas.write(
                text, x: layout.x(column) + room, y: head, scale: 2, limit: layout.cell.width)
        }
        for (row, cells) in page.cells.enumerated() {
            let y = head + layout.headHeight + row * (layout.cell.height + Self.gap)
            if rows.indices.contains(row) {
                canvas.write(
                    String(rows[row].prefix(Self.maximumLabel)), x: Self.gap,
                    y: y + layout.cell.height / 2 - DotFont.height, scale: 2,
                    limit: layout.labelWidth)
            }
            for (column, picture) in cells.enumerated() {
                canvas.draw(picture, x: layout.x(column), y: y, layout.cell)
            }
        }
    }

    /// Where everything goes.
    private struct Layout {
        let cell: (width: Int, height: Int)
        let labelWidth: Int
        let titleHeight: Int
        let headHeight: Int
        let top: Int
        let pageHeight: Int
        let width: Int
        let height: Int

        init(_ sheet: ContactSheet) {
            let line = DotFont.height * 2 + ContactSheet.gap
            let pictures = sheet.pages.flatMap { $0.cells.flatMap { $0.compactMap { $0 } } }
            let counts = (
                columns: max(1, sheet.pages.flatMap { $0.cells.map(\.count) }.max() ?? 1),
                rows: max(1, sheet.pages.map(\.cells.count).max() ?? 1)
            )
            let labels = sheet.rows.map {
                Canvas.width(String($0.prefix(ContactSheet.maximumLabel)), scale: 2)
            }
            labelWidth = labels.max() ?? 0
            titleHeight = sheet.pages.contains { !$0.title.isEmpty } ? line : 0
            headHeight = sheet.columns.isEmpty ? 0 : line
            top = (sheet.title.isEmpty ? 0 : line) + ContactSheet.gap
            let natural = (
                width: pictures.map(\.width).max() ?? 64, height: pictures.map(\.height).max() ?? 64
            )
            let most = (
                width: (ContactSheet.maximumSide - labelWidth) / counts.columns,
                height: ContactSheet.maximumSide / (counts.rows * max(1, sheet.pages.count))
            )
            let shrink = min(
                1, Double(most.width) / Double(natural.width),
                Double(most.height) / Double(natural.height))
            cell = (
                max(8, Int(Double(natural.width) * shrink)),
                max(8, Int(Double(natural.height) * shrink))
            )
            let grid = counts.rows * (cell.height + ContactSheet.gap)
            pageHeight = titleHeight + headHeight + grid + ContactSheet.gap
            let left = ContactSheet.gap + (labelWidth > 0 ? labelWidth + ContactSheet.gap : 0)
            width = left + counts.columns * (cell.width + ContactSheet.gap)
            height = top + max(1, sheet.pages.count) * pageHeight
        }

        func x(_ column: Int) -> Int {
            let left = ContactSheet.gap + (labelWidth > 0 ? labelWidth + ContactSheet.gap : 0)
            return left + column * (cell.width + ContactSheet.gap)
        }
    }
}

/// A white picture to draw on.
private struct Canvas {
    private let width: Int
    private let height: Int
    private var bytes: [UInt8]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        bytes = [UInt8](repeating: 255, count: width * height * 3)
    }

    var picture: PixelImage {
        PixelImage(width: width, height: height, rgb: bytes)
            ?? PixelImage(width: 1, height: 1, filledWith: (255, 255, 255))
    }

    static func width(_ text: String, scale: Int) -> Int { text.count * DotFont.advance * scale }

    /// Writes one line, cut at `limit` pixels.
    mutating func write(_ text: String, x: Int, y: Int, scale: Int, limit: Int) {
        let count = max(0, limit / (DotFont.advance * scale))
        for (index, character) in text.prefix(count).enumerated() {
            for row in 0..<DotFont.height {
                for column in 0..<5 where DotFont.isSet(character, column: column, row: row) {
                    let left = x + (index * DotFont.advance + column) * scale
                    fill(x: left, y: y + row * scale, side: scale, value: 20)
                }
            }
        }
    }

    /// Draws a picture in the middle of a cell, shrunk to fit; a gray cell when there is none.
    mutating func draw(_ picture: PixelImage?, x: Int, y: Int, _ cell: (width: Int, height: Int)) {
        guard let picture else {
            for row in 0..<cell.height {
                for column in 0..<cell.width {
                    fill(x: x + column, y: y + row, side: 1, value: 225)
                }
            }
            return
        }
        let fits = picture.width <= cell.width && picture.height <= cell.height
        let size = picture.size(fittingWidth: cell.width, height: cell.height)
        let shown = fits ? picture : picture.resized(width: size.width, height: size.height)
        let left = x + (cell.width - shown.width) / 2
        let top = y + (cell.height - shown.height) / 2
        for row in 0..<shown.height {
            let from = row * shown.width * 3
            let to = ((top + row) * width + left) * 3
            bytes.replaceSubrange(
                to..<(to + shown.width * 3), with: shown.rgb[from..<(from + shown.width * 3)])
        }
    }

    private mutating func fill(x: Int, y: Int, side: Int, value: UInt8) {
        for row in y..<min(y + side, height) {
            for column in x..<min(x + side, width) {
                let pixel = (row * width + column) * 3
                for channel in 0..<3 { bytes[pixel + channel] = value }
            }
        }
    }
}
