import Foundation

/// Canonical composition (NFC) of short runs of scalars, as the reference's tokenizer does it: with
/// the tables of Unicode 9.
enum CanonicalComposition {
    /// Scalars that are composed together at most. No script needs more than a few; the limit keeps
    /// hostile texts, which Foundation orders in quadratic time, harmless.
    static let longestRun = 128

    /// Whether a scalar may combine with, or be reordered against, what precedes it.
    static func `continues`(_ scalar: UInt32) -> Bool {
        guard scalar >= 0x300 else { return false }
        switch scalar {
        case 0x3400...0x9FFF, 0xAC00...0xD7A3: return false
        default: break
        }
        if mayCombine(scalar) { return true }
        guard combiningClass(scalar) != .notReordered || halves[scalar] != nil else { return false }
        return !isUnknownToReference(scalar)
    }

    /// Whether the reference takes a scalar for an ordinary letter: what came after Unicode 9, and
    /// U+1715, which was no virama then.
    static func isUnknownToReference(_ scalar: UInt32) -> Bool {
        guard scalar >= 0x300, let age = Unicode.Scalar(scalar)?.properties.age else {
            return false
        }
        return age.major > 9 || scalar == 0x1715
    }

    /// False when a run, one scalar and those that continue it, is certainly composed already.
    static func mayChange(_ run: ArraySlice<UInt32>) -> Bool {
        guard let first = run.first else { return false }
        if mayDecompose(first) { return true }
        guard run.count > 1 else { return false }
        // A run can start with a mark, where the text does.
        var reordered = combiningClass(first) == .notReordered ? 0 : 1
        for scalar in run.dropFirst() {
            if mayCombine(scalar) || mayDecompose(scalar) { return true }
            if combiningClass(scalar) != .notReordered { reordered += 1 }
        }
        return reordered > 1
    }

    /// The composed form of a run: one scalar and those that continue it.
    static func compose(_ run: ArraySlice<UInt32>) -> [UInt32] {
        let decomposed = scalars(text(run).decomposedStringWithCanonicalMapping)
        guard run.count > 1 || decomposed.count > 1 else { return decomposed }
        let composed = scalars(text(decomposed[...]).precomposedStringWithCanonicalMapping)
        // Foundation (seen in Swift 6.3.1) also composes what only looks like a pair in the low bits
        // of its scalars, such as U+E0043 U+0301, and the consonants after U+1112.
        let check = scalars(text(composed[...]).decomposedStringWithCanonicalMapping)
        return check == decomposed ? composed : decomposed
    }

    private static func combiningClass(
        _ scalar: UInt32
    ) -> Unicode.CanonicalCombiningClass {
        Unicode.Scalar(scalar)?.properties.canonicalCombiningClass ?? .notReordered
    }

    /// The marks that stand for two, U+0F73, U+0F75 and U+0F81, are written out: Foundation does not
    /// order their halves.
    private static func text(_ run: ArraySlice<UInt32>) -> String {
        var text = String.UnicodeScalarView()
        for value in run {
            for part in halves[value] ?? [value] {
                if let scalar = Unicode.Scalar(part) { text.append(scalar) }
            }
        }
        return String(text)
    }

    private static let halves: [UInt32: [UInt32]] = [
        0xF73: [0xF71, 0xF72], 0xF75: [0xF71, 0xF74], 0xF81: [0xF71, 0xF80],
    ]

    private static func scalars(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }

    /// Whether canonical composition may change a scalar that stands alone. These ranges cover all
    /// such scalars (the test over every scalar would show a gap) and some others.
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

    /// Whether a scalar is the second of some composed pair; the ranges hold all and some others.
    private static func mayCombine(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x300...0x345, 0x653...0x655, 0x93C, 0x9BE, 0x9D7, 0xB3E, 0xB56...0xB57, 0xBBE, 0xBD7,
            0xC56, 0xCC2, 0xCD5...0xCD6, 0xD3E, 0xD57, 0xDCA, 0xDCF, 0xDDF, 0x102E, 0x1161...0x1175,
            0x11A8...0x11C2, 0x1B35, 0x3099...0x309A, 0x110BA, 0x11127, 0x1133E, 0x11357,
            0x114B0...0x114BD, 0x115AF:
            return true
        default: return false
        }
    }
}
