import Foundation

/// A text as Unicode scalars, each of which knows the bytes of the source that it came from.
struct ScalarText {
    /// Scalar values.
    private(set) var scalars: [UInt32] = []
    /// UTF-8 offsets in the source at which each scalar's origin starts.
    private(set) var starts: [Int] = []
    /// UTF-8 offsets in the source at which each scalar's origin ends.
    private(set) var ends: [Int] = []

    var count: Int { scalars.count }

    init() {}

    /// The scalars of `text` as they are.
    init(_ text: String) {
        let utf8Count = text.utf8.count
        scalars.reserveCapacity(utf8Count)
        starts.reserveCapacity(utf8Count)
        ends.reserveCapacity(utf8Count)
        var offset = 0
        for scalar in text.unicodeScalars {
            let end = offset + UTF8.width(scalar)
            append(scalar.value, offset, end)
            offset = end
        }
    }

    private mutating func append(_ scalar: UInt32, _ start: Int, _ end: Int) {
        scalars.append(scalar)
        starts.append(start)
        ends.append(end)
    }

    /// The source bytes behind a non-empty range of scalars.
    func sourceRange(_ range: Range<Int>) -> Range<Int> {
        starts[range.lowerBound]..<max(starts[range.lowerBound], ends[range.upperBound - 1])
    }

    /// Normalises a range of scalars as CLIP's tokenizer does: canonical composition (NFC), runs of
    /// white space to one space, lower case scalar by scalar.
    func normalized(_ range: Range<Int>) -> ScalarText {
        var result = ScalarText()
        result.scalars.reserveCapacity(range.count)
        result.starts.reserveCapacity(range.count)
        result.ends.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let end = compositionEnd(after: index, limit: range.upperBound)
            if end == index + 1, !Self.mayDecompose(scalars[index]) {
                result.appendFolded(scalars[index], starts[index], ends[index])
            } else {
                for scalar in composed(index..<end) {
                    result.appendFolded(scalar.value, starts[index], ends[end - 1])
                }
            }
            index = end
        }
        return result
    }

    /// Where the run of scalars ends that canonical composition may touch together.
    private func compositionEnd(after index: Int, limit: Int) -> Int {
        var end = index + 1
        while end < limit, Self.continuesComposition(scalars[end]) { end += 1 }
        return end
    }

    private func composed(_ range: Range<Int>) -> String.UnicodeScalarView {
        var text = String.UnicodeScalarView()
        for value in scalars[range] {
            if let scalar = Unicode.Scalar(value) { text.append(scalar) }
        }
        return String(text).precomposedStringWithCanonicalMapping.unicodeScalars
    }

    /// Appends one scalar in lower case; a space only if none precedes.
    private mutating func appendFolded(_ scalar: UInt32, _ start: Int, _ end: Int) {
        if scalar < 0x80 {
            if ScalarClass.isSpace(scalar) {
                if scalars.last == 0x20 {
                    ends[ends.count - 1] = end
                } else {
                    append(0x20, start, end)
                }
            } else {
                append(scalar >= 0x41 && scalar <= 0x5A ? scalar + 0x20 : scalar, start, end)
            }
            return
        }
        guard !ScalarClass.isSpace(scalar) else {
            appendFolded(0x20, start, end)
            return
        }
        // CJK and Hangul, the long texts without case, need no look-up.
        if scalar >= 0x2E80 && scalar < 0xA640 || scalar >= 0xAC00 && scalar < 0xD7A4 {
            append(scalar, start, end)
            return
        }
        guard let properties = Unicode.Scalar(scalar)?.properties else { return }
        for folded in properties.lowercaseMapping.unicodeScalars {
            append(folded.value, start, end)
        }
    }

    /// Whether a scalar may combine with, or be reordered against, what precedes it.
    ///
    /// That is so for marks, for the vowels and final consonants of Hangul, and for the vowel
    /// signs of Kirat Rai, which are letters.
    private static func continuesComposition(_ scalar: UInt32) -> Bool {
        guard scalar >= 0x300 else { return false }
        switch scalar {
        case 0x3400...0x9FFF, 0xAC00...0xD7A3: return false
        case 0x1160...0x11FF, 0x16D63...0x16D6A: return true
        default: break
        }
        switch Unicode.Scalar(scalar)?.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return true
        default: return false
        }
    }

    /// Whether canonical composition may change a scalar that stands alone. These ranges cover all
    /// such scalars (a test compares them with the whole of Unicode) and some others.
    static func mayDecompose(_ scalar: UInt32) -> Bool {
        guard scalar >= 0x340 else { return false }
        switch scalar {
        case 0x340...0x37E, 0x387, 0x958...0x95F, 0x9DC...0x9DF, 0xA33...0xA5E, 0xB5C...0xB5D,
            0xF43...0xFB9, 0x1F71...0x1FFD, 0x2000...0x2001, 0x2126...0x212B, 0x2329...0x232A,
            0x2ADC, 0xF900...0xFAD9, 0xFB1D...0xFB4E, 0x1D15E...0x1D1C0, 0x2F800...0x2FA1D:
            return true
        default: return false
        }
    }
}
