import Generation
import Images

/// Pictures out of `▀`: the foreground is the upper pixel of a cell, the background the lower one.
public enum HalfBlocks {
    /// The two pixels of one cell.
    public struct Cell: Hashable, Sendable {
        public var upper: TerminalCapabilities.Color
        public var lower: TerminalCapabilities.Color
    }

    /// The character of every cell.
    public static let character: Character = "▀"

    /// The picture scaled to `columns` x `rows` cells, row by row.
    public static func cells(_ image: PixelImage, columns: Int, rows: Int) -> [[Cell]] {
        let scaled = image.resized(width: columns, height: rows * 2)
        let rgb = scaled.rgb
        func color(_ x: Int, _ y: Int) -> TerminalCapabilities.Color {
            let at = (y * scaled.width + x) * 3
            return .init(red: rgb[at], green: rgb[at + 1], blue: rgb[at + 2])
        }
        return (0..<(scaled.height / 2)).map { row in
            (0..<scaled.width).map { column in
                Cell(upper: color(column, row * 2), lower: color(column, row * 2 + 1))
            }
        }
    }

    /// The rows as text with SGR sequences, each ending in a reset; a colour is written only where
    /// it changes.
    public static func lines(
        _ image: PixelImage, columns: Int, rows: Int, palette256: Bool = false
    ) -> [String] {
        cells(image, columns: columns, rows: rows).map { row in
            var line = ""
            var current: Cell?
            for cell in row {
                if current?.upper != cell.upper { line += sgr(cell.upper, 38, palette256) }
                if current?.lower != cell.lower { line += sgr(cell.lower, 48, palette256) }
                line.append(character)
                current = cell
            }
            return line + "\u{1B}[0m"
        }
    }

    private static func sgr(
        _ color: TerminalCapabilities.Color, _ layer: Int, _ palette256: Bool
    ) -> String {
        palette256
            ? "\u{1B}[\(layer);5;\(Palette256.index(of: color))m"
            : "\u{1B}[\(layer);2;\(color.red);\(color.green);\(color.blue)m"
    }
}
