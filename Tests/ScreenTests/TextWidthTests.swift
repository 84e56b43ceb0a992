import Testing

@testable import Screen

@Suite("Columns of text")
struct TextWidthTests {
    @Test(
        "width and what is printed",
        arguments: [
            ("a", 1, ["a"]), ("é", 1, ["é"]), ("e\u{301}", 1, ["e\u{301}"]), ("漢", 2, ["漢"]),
            ("👍🏽", 2, ["👍"]), ("👨‍👩‍👧", 2, ["👨"]), ("🇩🇪", 2, ["D", "E"]), ("❤️", 1, ["❤"]),
            ("\u{1B}", 1, ["␛"]), ("\u{7F}", 1, ["␡"]), ("\t", 1, [" "]), ("\u{202E}", 1, ["·"]),
            ("\u{85}", 1, ["·"]), ("한", 2, ["한"]), ("नि", 2, ["न", "ि"]), ("ש", 1, ["ש"]),
            ("\u{200B}", 1, ["·"]), ("\u{0378}", 1, ["\u{FFFD}"]),
        ] as [(String, Int, [String])])
    func glyphs(text: String, width: Int, printed: [String]) throws {
        let character = try #require(text.first)
        #expect(text.count == 1)
        #expect(TextWidth.width(of: character) == width)
        #expect(TextWidth.glyphs(of: character).map(\.text) == printed)
    }

    @Test("nothing that is printed can move a cursor")
    func printsAreSafe() {
        for value in (0..<0x3000 as Range<UInt32>) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for glyph in TextWidth.glyphs(of: Character(scalar)) {
                let isSafe = glyph.text.unicodeScalars.allSatisfy {
                    $0.properties.generalCategory != .control
                        && $0.properties.generalCategory != .format
                }
                #expect(isSafe, "U+\(String(value, radix: 16))")
            }
        }
    }

    @Test(
        "cutting keeps whole characters",
        arguments: [
            ("prompt", 6, "prompt"), ("prompt", 4, "pro…"), ("漢字漢", 4, "漢…"), ("ab", 0, ""),
            ("ab", 1, "…"), ("", 3, ""),
        ])
    func truncation(text: String, columns: Int, expected: String) {
        #expect(TextWidth.truncated(text, to: columns) == expected)
    }
}
