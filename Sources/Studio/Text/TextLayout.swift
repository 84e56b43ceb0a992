import Screen

/// A text broken into lines of a width: at line ends, between words, inside words that are longer
/// than a line.
///
/// A change of the text costs the lines around it, not the whole text: ``update(_:after:)``.
public struct TextLayout: Hashable, Sendable {
    /// A line on the screen.
    public struct Line: Hashable, Sendable {
        /// The characters of the line, without the line end.
        public let range: Range<Int>
        /// Whether the text goes on in the next line without a line end.
        public let continues: Bool

        func shifted(by offset: Int) -> Line {
            Line(
                range: (range.lowerBound + offset)..<(range.upperBound + offset),
                continues: continues)
        }
    }

    /// At least one line.
    public private(set) var lines: [Line] = []
    /// Columns of a line, at least 1.
    public let width: Int

    /// Lays out for `width` columns, at least 1.
    public init(_ characters: [Character], width: Int) {
        self.width = max(1, width)
        _ = wrap(characters, from: 0) { _ in false }
    }

    /// Breaks the lines again that one change of the text can have moved.
    ///
    /// - Parameters:
    ///   - characters: the text after the change.
    ///   - edit: the change.
    /// - Returns: how many characters were looked at.
    @discardableResult
    mutating func update(_ characters: [Character], after edit: TextEditor.Edit) -> Int {
        var first = row(of: edit.start)
        // A shorter word may go back up, and what it leaves behind may draw up another one.
        for _ in 0..<2 where first > 0 && lines[first - 1].continues { first -= 1 }
        let old = lines
        let offset = edit.inserted - edit.removed
        lines.removeSubrange(first...)
        var next = first
        let looked = wrap(characters, from: old[first].range.lowerBound) { start in
            guard start >= edit.start + edit.inserted else { return false }
            while next < old.count, old[next].range.lowerBound < start - offset { next += 1 }
            return next < old.count && old[next].range.lowerBound == start - offset
                && start - offset >= edit.start + edit.removed
        }
        // From the first line on that begins where one began before, nothing has changed.
        if let looked { return looked }
        lines += old[next...].lazy.map { $0.shifted(by: offset) }
        return old[next].range.lowerBound + offset - old[first].range.lowerBound
    }

    /// Appends lines from `start` on, until one would begin where `isKnown` says so.
    ///
    /// - Returns: how many characters were looked at when the end was reached; nil when a known
    ///   line was.
    private mutating func wrap(
        _ characters: [Character], from start: Int, isKnown: (Int) -> Bool
    ) -> Int? {
        var lineStart = start
        var breakAfter: Int?
        var column = 0
        var index = start
        while index < characters.count {
            let character = characters[index]
            let isLineEnd = character == "\n"
            let columns = isLineEnd ? 0 : TextWidth.width(of: character)
            // A space at the end may hang over the edge: it is not seen.
            let isFull = column + columns > width && index > lineStart && character != " "
            if isLineEnd || isFull {
                let end = isLineEnd ? index : breakAfter ?? index
                lines.append(Line(range: lineStart..<end, continues: !isLineEnd))
                lineStart = isLineEnd ? end + 1 : end
                index = lineStart
                column = 0
                breakAfter = nil
                if isKnown(lineStart) { return nil }
                continue
            }
            column += columns
            index += 1
            if character == " " { breakAfter = index }
        }
        lines.append(Line(range: lineStart..<characters.count, continues: false))
        return characters.count - start
    }

    /// The line of a position.
    private func row(of position: Int) -> Int {
        var (low, high) = (0, lines.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if lines[middle].range.lowerBound <= position {
                low = middle
            } else {
                high = middle - 1
            }
        }
        return low
    }

    /// Line and column of a position of the text that was laid out.
    public func place(of position: Int, in characters: [Character]) -> (row: Int, column: Int) {
        let row = row(of: position)
        let range = lines[row].range
        let end = max(range.lowerBound, min(position, range.upperBound))
        let column = characters[range.lowerBound..<end].reduce(0) { $0 + TextWidth.width(of: $1) }
        return (row, column)
    }

    /// The position nearest to a column of a line.
    public func position(row: Int, column: Int, in characters: [Character]) -> Int {
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
}

extension TextLayout {
    /// A text in lines of a width, without the spaces at which they were broken.
    static func wrapped(_ text: String, width: Int) -> [String] {
        let characters = Array(text)
        return TextLayout(characters, width: width).lines.map { line in
            let isBroken = line.continues && characters[line.range].last == " "
            return String(isBroken ? characters[line.range].dropLast() : characters[line.range])
        }
    }
}
