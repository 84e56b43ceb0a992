import CTerminal
import Screen
import Testing

/// curses moves its cursor by the C library's `wcwidth`: what the screen believes a character to
/// take has to be what curses believes.
@Suite struct LibraryWidthTests {
    /// Every assigned code point of Unicode, printed as the studio prints it.
    ///
    /// Exceptions, for which curses is given U+FFFD instead: what the C library does not know
    /// (`wcwidth` -1), since its Unicode version may be older than Swift's; and U+1171E, a vowel sign
    /// of Ahom that glibc 2.36 still counts as a mark without width.
    @Test func whatIsPrintedTakesAsManyColumnsAsCursesThinks() {
        var wrong: [String] = []
        var unknown = 0
        var compared = 0
        for value in UInt32(0x20)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            switch scalar.properties.generalCategory {
            case .unassigned, .privateUse, .surrogate: continue
            default: break
            }
            for glyph in TextWidth.glyphs(of: Character(scalar)) {
                let columns = glyph.text.unicodeScalars.map { Int(lt_columns($0.value)) }
                if columns.contains(-1) {
                    unknown += 1
                } else if columns.reduce(0, +) != glyph.width {
                    wrong.append("U+\(String(value, radix: 16)) \(glyph.width) \(columns)")
                } else {
                    compared += 1
                }
            }
        }
        #expect(
            Set(wrong).isSubset(of: ["U+1171e 1 [0]"]),
            "\(wrong.count): \(wrong.prefix(60).joined(separator: ", "))")
        #expect(compared > 130_000, "\(unknown) are unknown to the C library")
    }
}
