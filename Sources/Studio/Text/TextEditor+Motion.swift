import Screen

extension TextEditor {
    /// Where the cursor can go.
    public enum Motion: Hashable, Sendable {
        case left, right, wordLeft, wordRight, lineStart, lineEnd, textStart, textEnd
    }

    /// Moves the cursor; `selecting` keeps the other end of the selection where it is.
    public mutating func move(_ motion: Motion, selecting: Bool = false) {
        if !selecting, let selection, motion == .left || motion == .right {
            place(motion == .left ? selection.lowerBound : selection.upperBound, selecting: false)
        } else {
            place(target(of: motion), selecting: selecting)
        }
    }

    /// Puts the cursor at a position.
    public mutating func place(_ position: Int, selecting: Bool) {
        if selecting {
            if anchor == nil { anchor = cursor }
        } else {
            anchor = nil
        }
        cursor = min(max(0, position), characters.count)
        wantedColumn = nil
        closeStep()
    }

    /// Selects everything.
    public mutating func selectAll() {
        anchor = 0
        cursor = characters.count
        closeStep()
    }

    /// Where a motion leads from the cursor.
    func target(of motion: Motion) -> Int {
        switch motion {
        case .left: max(0, cursor - 1)
        case .right: min(characters.count, cursor + 1)
        case .wordLeft: wordStart(before: cursor)
        case .wordRight: wordEnd(after: cursor)
        case .lineStart: characters[..<cursor].lastIndex(of: "\n").map { $0 + 1 } ?? 0
        case .lineEnd: characters[cursor...].firstIndex(of: "\n") ?? characters.count
        case .textStart: 0
        case .textEnd: characters.count
        }
    }

    private func wordStart(before position: Int) -> Int {
        var index = position
        while index > 0, !Self.isWord(characters[index - 1]) { index -= 1 }
        while index > 0, Self.isWord(characters[index - 1]) { index -= 1 }
        return index
    }

    private func wordEnd(after position: Int) -> Int {
        var index = position
        while index < characters.count, !Self.isWord(characters[index]) { index += 1 }
        while index < characters.count, Self.isWord(characters[index]) { index += 1 }
        return index
    }

    static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// Deletes from the cursor to where a motion leads, or the selection when there is one.
    ///
    /// - Parameter kills: whether ``yank()`` brings it back.
    public mutating func delete(_ motion: Motion, kills: Bool = false) {
        var range = selection ?? min(cursor, target(of: motion))..<max(cursor, target(of: motion))
        if range.isEmpty, kills, motion == .lineEnd, cursor < characters.count {
            range = cursor..<(cursor + 1)
        }
        guard !range.isEmpty else { return }
        if kills { killed = Array(characters[range]) }
        replace(range, with: [], isTyping: false)
    }

    /// Deletes the selection into the kill buffer.
    public mutating func cut() {
        guard let selection else { return }
        killed = Array(characters[selection])
        replace(selection, with: [], isTyping: false)
    }

    /// Copies the selection into the kill buffer.
    public mutating func copy() {
        guard let selection else { return }
        killed = Array(characters[selection])
    }

    /// Inserts what was killed last.
    public mutating func yank() {
        insert(String(killed))
    }

    /// Exchanges the characters around the cursor.
    public mutating func transpose() {
        guard cursor > 0, characters.count > 1 else { return }
        let right = min(cursor, characters.count - 1)
        let pair = [characters[right], characters[right - 1]]
        replace((right - 1)..<(right + 1), with: pair, isTyping: false)
    }

    /// Moves by `rows` lines of the layout, keeping the column.
    ///
    /// - Returns: false when there is no such line: the cursor is on the first or last one.
    @discardableResult
    public mutating func moveRows(_ rows: Int, in layout: TextLayout, selecting: Bool = false)
        -> Bool
    {
        let here = layout.place(of: cursor, in: characters)
        let column = wantedColumn ?? here.column
        let row = here.row + rows
        guard layout.lines.indices.contains(row) else { return false }
        place(layout.position(row: row, column: column, in: characters), selecting: selecting)
        wantedColumn = column
        return true
    }
}
