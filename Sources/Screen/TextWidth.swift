/// Columns that text takes in a terminal: the one place where this is decided.
///
/// Terminals disagree about emoji sequences, flags and variation selectors. What is shown is
/// therefore reduced to characters about which `wcwidth` and all terminals agree: a joined emoji
/// becomes its first person, a flag its two letters. The text itself is never changed.
public enum TextWidth {
    /// A part of a character that a terminal prints at once.
    public struct Glyph: Hashable, Sendable {
        /// One base scalar and at most four combining marks.
        public let text: String
        /// 1 or 2 columns.
        public let width: Int
    }

    /// Columns of one character (grapheme cluster), at least 1.
    public static func width(of character: Character) -> Int {
        if let ascii = character.asciiValue, ascii >= 0x20, ascii != 0x7F { return 1 }
        return glyphs(of: character).reduce(0) { $0 + $1.width }
    }

    /// Columns of a text.
    public static func width(of text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + width(of: $1) }
    }

    /// What is printed for a character: one glyph, or several that stand side by side.
    public static func glyphs(of character: Character) -> [Glyph] {
        if let ascii = character.asciiValue {
            return [Glyph(text: asciiText(ascii), width: 1)]
        }
        var glyphs: [Glyph] = []
        var isJoined = false
        for scalar in character.unicodeScalars {
            if isJoined || isModifier(scalar) {
                isJoined = false
                continue
            }
            if scalar.value == 0x200D {
                isJoined = true
            } else if columns(of: scalar) == 0 {
                attach(scalar, to: &glyphs)
            } else {
                glyphs.append(glyph(for: scalar))
            }
        }
        return glyphs.isEmpty ? [Glyph(text: "·", width: 1)] : glyphs
    }

    /// The text cut to `columns`, with `…` at its end when something is missing.
    public static func truncated(_ text: String, to columns: Int) -> String {
        guard columns > 0 else { return "" }
        guard width(of: text) > columns else { return text }
        var result = ""
        var used = 0
        for character in text {
            let width = width(of: character)
            if used + width > columns - 1 { break }
            result.append(character)
            used += width
        }
        return result + "…"
    }

    /// Columns of a scalar on its own: 0, 1 or 2.
    public static func columns(of scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x300 { return 1 }
        if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value) { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return isWide(value) ? 2 : 1
        }
    }

    /// A control character as its picture, anything else as itself.
    private static func asciiText(_ ascii: UInt8) -> String {
        switch ascii {
        case 0x09, 0x0A, 0x0D: " "
        case 0x7F: "\u{2421}"
        case 0..<0x20: String(Unicode.Scalar(0x2400 + UInt32(ascii)) ?? "·")
        default: String(Unicode.Scalar(ascii))
        }
    }

    /// Skin tones: `wcwidth` counts them, terminals join them.
    private static func isModifier(_ scalar: Unicode.Scalar) -> Bool {
        (0x1F3FB...0x1F3FF).contains(scalar.value)
    }

    /// Adds a combining mark; variation selectors and other format characters print nothing.
    private static func attach(_ scalar: Unicode.Scalar, to glyphs: inout [Glyph]) {
        guard let last = glyphs.last, scalar.properties.generalCategory != .format,
            !(0xFE00...0xFE0F).contains(scalar.value),
            last.text.unicodeScalars.count < 5
        else { return }
        glyphs[glyphs.count - 1] = Glyph(text: last.text + String(scalar), width: last.width)
    }

    private static func glyph(for scalar: Unicode.Scalar) -> Glyph {
        let value = scalar.value
        if (0x1F1E6...0x1F1FF).contains(value) {
            let letter = Unicode.Scalar(0x41 + value - 0x1F1E6) ?? "?"
            return Glyph(text: String(letter), width: 1)
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            return Glyph(text: "·", width: 1)
        case .unassigned, .surrogate: return Glyph(text: "\u{FFFD}", width: 1)
        default: return Glyph(text: String(scalar), width: columns(of: scalar))
        }
    }

    private static func isWide(_ value: UInt32) -> Bool {
        guard value >= 0x1100 else { return false }
        var (low, high) = (0, wideRanges.count - 1)
        while low <= high {
            let middle = (low + high) / 2
            let (first, last) = wideRanges[middle]
            if value < first {
                high = middle - 1
            } else if value > last {
                low = middle + 1
            } else {
                return true
            }
        }
        return false
    }

    /// Scalars of two columns: East Asian wide and full width, emoji presentation (glibc 2.36).
    private static let wideRanges: [(UInt32, UInt32)] = [
        (0x1100, 0x115F),
        (0x231A, 0x231B),
        (0x2329, 0x232A),
        (0x23E9, 0x23EC),
        (0x23F0, 0x23F0),
        (0x23F3, 0x23F3),
        (0x25FD, 0x25FE),
        (0x2614, 0x2615),
        (0x2648, 0x2653),
        (0x267F, 0x267F),
        (0x2693, 0x2693),
        (0x26A1, 0x26A1),
        (0x26AA, 0x26AB),
        (0x26BD, 0x26BE),
        (0x26C4, 0x26C5),
        (0x26CE, 0x26CE),
        (0x26D4, 0x26D4),
        (0x26EA, 0x26EA),
        (0x26F2, 0x26F3),
        (0x26F5, 0x26F5),
        (0x26FA, 0x26FA),
        (0x26FD, 0x26FD),
        (0x2705, 0x2705),
        (0x270A, 0x270B),
        (0x2728, 0x2728),
        (0x274C, 0x274C),
        (0x274E, 0x274E),
        (0x2753, 0x2755),
        (0x2757, 0x2757),
        (0x2795, 0x2797),
        (0x27B0, 0x27B0),
        (0x27BF, 0x27BF),
        (0x2B1B, 0x2B1C),
        (0x2B50, 0x2B50),
        (0x2B55, 0x2B55),
        (0x2E80, 0x2E99),
        (0x2E9B, 0x2EF3),
        (0x2F00, 0x2FD5),
        (0x2FF0, 0x2FFB),
        (0x3000, 0x3029),
        (0x302E, 0x303E),
        (0x3041, 0x3096),
        (0x309B, 0x30FF),
        (0x3105, 0x312F),
        (0x3131, 0x318E),
        (0x3190, 0x31E3),
        (0x31F0, 0x321E),
        (0x3220, 0xA48C),
        (0xA490, 0xA4C6),
        (0xA960, 0xA97C),
        (0xAC00, 0xD7A3),
        (0xF900, 0xFA6D),
        (0xFA70, 0xFAD9),
        (0xFE10, 0xFE19),
        (0xFE30, 0xFE52),
        (0xFE54, 0xFE66),
        (0xFE68, 0xFE6B),
        (0xFF01, 0xFF60),
        (0xFFE0, 0xFFE6),
        (0x16FE0, 0x16FE3),
        (0x16FF0, 0x16FF1),
        (0x17000, 0x187F7),
        (0x18800, 0x18CD5),
        (0x18D00, 0x18D08),
        (0x1AFF0, 0x1AFF3),
        (0x1AFF5, 0x1AFFB),
        (0x1AFFD, 0x1AFFE),
        (0x1B000, 0x1B122),
        (0x1B150, 0x1B152),
        (0x1B164, 0x1B167),
        (0x1B170, 0x1B2FB),
        (0x1F004, 0x1F004),
        (0x1F0CF, 0x1F0CF),
        (0x1F18E, 0x1F18E),
        (0x1F191, 0x1F19A),
        (0x1F200, 0x1F202),
        (0x1F210, 0x1F23B),
        (0x1F240, 0x1F248),
        (0x1F250, 0x1F251),
        (0x1F260, 0x1F265),
        (0x1F300, 0x1F320),
        (0x1F32D, 0x1F335),
        (0x1F337, 0x1F37C),
        (0x1F37E, 0x1F393),
        (0x1F3A0, 0x1F3CA),
        (0x1F3CF, 0x1F3D3),
        (0x1F3E0, 0x1F3F0),
        (0x1F3F4, 0x1F3F4),
        (0x1F3F8, 0x1F43E),
        (0x1F440, 0x1F440),
        (0x1F442, 0x1F4FC),
        (0x1F4FF, 0x1F53D),
        (0x1F54B, 0x1F54E),
        (0x1F550, 0x1F567),
        (0x1F57A, 0x1F57A),
        (0x1F595, 0x1F596),
        (0x1F5A4, 0x1F5A4),
        (0x1F5FB, 0x1F64F),
        (0x1F680, 0x1F6C5),
        (0x1F6CC, 0x1F6CC),
        (0x1F6D0, 0x1F6D2),
        (0x1F6D5, 0x1F6D7),
        (0x1F6DD, 0x1F6DF),
        (0x1F6EB, 0x1F6EC),
        (0x1F6F4, 0x1F6FC),
        (0x1F7E0, 0x1F7EB),
        (0x1F7F0, 0x1F7F0),
        (0x1F90C, 0x1F93A),
        (0x1F93C, 0x1F945),
        (0x1F947, 0x1F9FF),
        (0x1FA70, 0x1FA74),
        (0x1FA78, 0x1FA7C),
        (0x1FA80, 0x1FA86),
        (0x1FA90, 0x1FAAC),
        (0x1FAB0, 0x1FABA),
        (0x1FAC0, 0x1FAC5),
        (0x1FAD0, 0x1FAD9),
        (0x1FAE0, 0x1FAE7),
        (0x1FAF0, 0x1FAF6),
        (0x20000, 0x2A6DF),
        (0x2A700, 0x2B738),
        (0x2B740, 0x2B81D),
        (0x2B820, 0x2CEA1),
        (0x2CEB0, 0x2EBE0),
        (0x2F800, 0x2FA1D),
        (0x30000, 0x3134A),
    ]
}
