import Screen

/// A text broken into lines of a width: at line ends, between words, inside words that are longer
/// than a line.
public struct TextLayout: Hashable, Sendable {
    /// A line on the screen.
    public struct Line: Hashable, Sendable {
        /// The characters of the line, without the line end.
        public let range: Range<Int>
        /// Whether the text goes on in the next line without a line end.
        public let continues: Bool
    }

    /// At least one line.
    public private(set) var lines: [Line] = []
    private let characters: [Character]

    /// Lays out for `width` columns, at least 1.
    public init(_ characters: [Character], width: Int) {
        self.characters = characters
        var start = 0
        while true {
            let end = characters[start...].firstIndex(of: "\n") ?? characters.count
            wrap(start..<end, width: max(1, width))
            if end == characters.count { break }
            start = end + 1
        }
    }

    private mutating func wrap(_ paragraph: Range<Int>, width: Int) {
        var lineStart = paragraph.lowerBound
        var breakAfter: Int?
        var column = 0
        var index = lineStart
        while index < paragraph.upperBound {
            let character = characters[index]
            let columns = TextWidth.width(of: character)
            // A space at the end may hang over the edge: it is not seen.
            if column + columns > width, index > lineStart, character != " " {
                let end = breakAfter ?? index
                lines.append(Line(range: lineStart..<end, continues: true))
                lineStart = end
                index = end
                column = 0
                breakAfter = nil
                continue
            }
            column += columns
            index += 1
            if character == " " { breakAfter = index }
        }
        lines.append(Line(range: lineStart..<paragraph.upperBound, continues: false))
    }

    /// Line and column of a position.
    public func place(of position: Int) -> (row: Int, column: Int) {
        var (low, high) = (0, lines.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if lines[middle].range.lowerBound <= position {
                low = middle
            } else {
                high = middle - 1
            }
        }
        let end = min(position, lines[low].range.upperBound)
        return (
            low, columns(of: lines[low].range.lowerBound..<max(lines[low].range.lowerBound, end))
        )
    }

    /// The position nearest to a column of a line.
    public func position(row: Int, column: Int) -> Int {
        let line = lines[min(max(0, row), lines.count - 1)]
        var reached = 0
        for index in line.range {
            let columns = TextWidth.width(of: characters[index])
            if reached + (columns + 1) / 2 > column { return index }
            reached += columns
        }
        // The end of a broken line is the beginning of the next one.
        return line.continues
            ? max(line.range.lowerBound, line.range.upperBound - 1)
            : line.range.upperBound
    }

    private func columns(of range: Range<Int>) -> Int {
        characters[range].reduce(0) { $0 + TextWidth.width(of: $1) }
    }
}
