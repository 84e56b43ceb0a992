import Foundation

/// JSON as commands print it: one line, keys sorted, slashes as they are.
enum MachineOutput {
    /// Encodes a value.
    ///
    /// - Throws: `EncodingError` for numbers that JSON cannot express.
    static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return escaped(try encoder.encode(value))
    }

    /// JSON text in which every scalar that could act on a terminal is written as `\u` and digits:
    /// the encoder does so only for those below U+0020. They occur only inside strings.
    static func escaped(_ json: Data) -> String {
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
            if isUnsafe(scalar) {
                let digits = String(scalar.value, radix: 16)
                let zeros = String(repeating: "0", count: 4 - digits.count)
                text.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }

    /// DEL, C1 controls, line separators and bidirectional controls; all of four hex digits.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
