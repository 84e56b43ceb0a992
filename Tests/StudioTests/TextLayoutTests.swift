import Testing

@testable import Studio

@Suite("Breaking lines")
struct TextLayoutTests {
    @Test(
        "lines",
        arguments: [
            ("", 5, [""]), ("abc", 5, ["abc"]), ("ab cd ef", 5, ["ab cd ", "ef"]),
            ("abcdefgh", 3, ["abc", "def", "gh"]), ("a\n\nb", 5, ["a", "", "b"]),
            ("ab\n", 5, ["ab", ""]), ("漢字漢字", 5, ["漢字", "漢字"]), ("a 漢字", 3, ["a ", "漢", "字"]),
            ("漢", 1, ["漢"]), ("ab      c", 4, ["ab      ", "c"]),
        ] as [(String, Int, [String])])
    func lines(text: String, width: Int, expected: [String]) {
        let characters = Array(text)
        let layout = TextLayout(characters, width: width)
        #expect(layout.lines.map { String(characters[$0.range]) } == expected)
    }

    @Test(
        "every position has a place that leads back to it",
        arguments: ["ab cd ef", "漢字 ab\n\nc", "", "abcdefghij"])
    func roundTrip(text: String) {
        let characters = Array(text)
        for width in 1...8 {
            let layout = TextLayout(characters, width: width)
            for position in 0...characters.count {
                let place = layout.place(of: position)
                #expect(layout.lines.indices.contains(place.row))
                let found = layout.position(row: place.row, column: place.column)
                // A wide character at an edge may be the nearest one.
                #expect(
                    abs(found - position) <= (width == 1 ? 1 : 0), "\(text) \(width) \(position)")
            }
        }
    }

    @Test("up and down keep the column")
    func rows() {
        var editor = TextEditor("long line\nx\nlong line")
        editor.place(7, selecting: false)
        let layout = TextLayout(editor.characters, width: 20)
        let hasNext = editor.moveRows(1, in: layout)
        #expect(hasNext)
        #expect(editor.cursor == 11)
        let hasLast = editor.moveRows(1, in: layout)
        #expect(hasLast)
        #expect(editor.cursor == 19)
        let hasMore = editor.moveRows(1, in: layout)
        #expect(!hasMore)
    }
}
