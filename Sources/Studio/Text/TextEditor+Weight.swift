import Prompting

extension TextEditor {
    /// Changes the weight of the selection, of the brackets around the cursor or of its word.
    ///
    /// - Returns: false where there is nothing to weigh.
    mutating func nudgeWeight(by amount: Double) -> Bool {
        let selected = selection ?? cursor..<cursor
        let start = String(characters[..<selected.lowerBound]).utf8.count
        let end = start + String(characters[selected]).utf8.count
        guard let result = WeightNudge.nudge(text, selection: start..<end, by: amount) else {
            return false
        }
        setText(result.text)
        let (from, to) = (
            character(atUTF8: result.selection.lowerBound),
            character(atUTF8: result.selection.upperBound)
        )
        place(from, selecting: false)
        place(to, selecting: true)
        return true
    }

    /// The character at an offset in bytes.
    private func character(atUTF8 offset: Int) -> Int {
        var bytes = 0
        for (index, character) in characters.enumerated() {
            if bytes >= offset { return index }
            bytes += character.utf8.count
        }
        return characters.count
    }
}
