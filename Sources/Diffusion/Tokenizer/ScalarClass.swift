/// What a scalar is to the pattern that cuts a text into words.
enum ScalarClass {
    case letter, number, space, other

    init(_ scalar: UInt32) {
        if scalar < 0x80 {
            switch scalar {
            case 0x61...0x7A, 0x41...0x5A: self = .letter
            case 0x30...0x39: self = .number
            default: self = Self.isSpace(scalar) ? .space : .other
            }
            return
        }
        // Unified ideographs and Hangul syllables, without the look-up.
        if scalar >= 0x4E00 && scalar <= 0x9FFF || scalar >= 0xAC00 && scalar <= 0xD7A3 {
            self = .letter
            return
        }
        if Self.isSpace(scalar) {
            self = .space
            return
        }
        guard let properties = Unicode.Scalar(scalar)?.properties else {
            self = .other
            return
        }
        // The reference's tables are those of Unicode 16: what came later is nothing yet.
        guard let age = properties.age, age.major <= 16 else {
            self = .other
            return
        }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        default: self = .other
        }
    }

    /// The property White_Space.
    static func isSpace(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F,
            0x205F, 0x3000:
            true
        default: false
        }
    }

    /// What regular expressions call a word character.
    static func isWord(_ scalar: UInt32) -> Bool {
        guard let properties = Unicode.Scalar(scalar)?.properties else { return false }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
            return true
        default: return properties.isAlphabetic || properties.isJoinControl
        }
    }
}
