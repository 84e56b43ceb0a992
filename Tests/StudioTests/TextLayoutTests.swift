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
                let place = layout.place(of: position, in: characters)
                #expect(layout.lines.indices.contains(place.row))
                let found = layout.position(
                    row: place.row, column: place.column, in: characters)
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

    @Test("after any change the lines are those of a new layout", arguments: 1...9)
    func changes(width: Int) {
        var random = SystemRandomNumberGenerator()
        let parts = [
            "a", "bc ", " ", "\n", "漢", "word", "e\u{301}", "     ", "longer-than-a-line ",
        ]
        for _ in 0..<40 {
            var field = PromptField("")
            field.arrange(width: width)
            for _ in 0..<40 {
                let count = field.editor.characters.count
                let start = Int.random(in: 0...count, using: &random)
                let end = Int.random(in: start...min(count, start + 5), using: &random)
                switch Int.random(in: 0..<8, using: &random) {
                case 0: field.editor.undo()
                case 1: field.editor.redo()
                default:
                    let text = (0..<Int.random(in: 0...3, using: &random))
                        .compactMap { _ in parts.randomElement(using: &random) }.joined()
                    field.editor.replace(start..<end, with: text)
                }
                field.arrange(width: width)
                let fresh = TextLayout(field.editor.characters, width: width)
                #expect(
                    field.lines(width: width) == fresh,
                    "\(width): \(field.editor.text.debugDescription)")
            }
        }
    }

    @Test("typing into 100 KB looks at a few lines only", arguments: [0, 50_000, 99_999])
    func longText(position: Int) {
        // Words of different lengths, as in prose: lines fall into step again after a change.
        var state: UInt64 = 1
        let words = (0..<20_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return String(repeating: "w", count: 1 + Int(state >> 33) % 11)
        }
        let text = String(words.joined(separator: " ").prefix(100_000))
        var field = PromptField("")
        field.editor.insert(text)
        #expect(field.arrange(width: 60) == 100_000)
        field.editor.place(position, selecting: false)
        for character in "very tall" {
            field.editor.insert(String(character), isTyping: true)
            #expect(field.arrange(width: 60) <= 2000)
        }
        #expect(field.lines(width: 60) == TextLayout(field.editor.characters, width: 60))
        #expect(field.arrange(width: 60) == 0)
    }
}
