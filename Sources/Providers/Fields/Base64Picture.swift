import Foundation

/// A picture in base64, with or without a `data:` prefix.
enum Base64Picture {
    /// - Returns: nil when it is no base64, or not of a picture.
    static func bytes(_ text: String) -> [UInt8]? {
        decoded(text).flatMap { Downloads.isPicture($0) ? $0 : nil }
    }

    /// What base64 holds, whatever it is; line breaks in it are skipped.
    static func decoded(_ text: String) -> [UInt8]? {
        var rest = Substring(text)
        if rest.hasPrefix("data:"), let comma = rest.firstIndex(of: ",") {
            rest = rest[rest.index(after: comma)...]
        }
        // Nearly every server breaks no lines, and pictures have megabytes.
        if let bytes = rest.withUTF8({ strict($0) }) { return bytes }
        return Data(base64Encoded: String(rest), options: .ignoreUnknownCharacters).map {
            Array($0)
        }
    }

    /// Base64 without any other character, padded to whole groups of four (RFC 4648, section 4).
    private static func strict(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard !text.isEmpty, text.count % 4 == 0 else { return nil }
        let equals = UInt8(ascii: "=")
        let padding = text[text.count - 1] != equals ? 0 : text[text.count - 2] != equals ? 1 : 2
        let whole = text.count / 4 - (padding > 0 ? 1 : 0)
        var isValid = true
        let bytes = values.withUnsafeBufferPointer { values in
            [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3) { output, count in
                var found: UInt32 = 0
                for group in 0..<whole {
                    let bits = Self.group(text, at: 4 * group, values)
                    found |= bits
                    output[3 * group] = UInt8(truncatingIfNeeded: bits >> 16)
                    output[3 * group + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                    output[3 * group + 2] = UInt8(truncatingIfNeeded: bits)
                }
                count = 3 * whole
                if padding > 0 {
                    var last = text[(4 * whole)...].dropLast(padding).map { values[Int($0)] }
                    if padding == 2 { last.append(0) }
                    let bits = last[0] << 18 | last[1] << 12 | last[2] << 6
                    found |= last[0] | last[1] | last[2]
                    output[count] = UInt8(truncatingIfNeeded: bits >> 16)
                    if padding == 1 { output[count + 1] = UInt8(truncatingIfNeeded: bits >> 8) }
                    count += 3 - padding
                }
                isValid = found & invalid == 0
            }
        }
        return isValid ? bytes : nil
    }

    /// Four characters as 24 bits; ``invalid`` is set where one of them is none of base64's.
    private static func group(
        _ text: UnsafeBufferPointer<UInt8>, at place: Int, _ values: UnsafeBufferPointer<UInt32>
    ) -> UInt32 {
        let first = values[Int(text[place])]
        let second = values[Int(text[place + 1])]
        let third = values[Int(text[place + 2])]
        let fourth = values[Int(text[place + 3])]
        return first << 18 | second << 12 | third << 6 | fourth
            | (first | second | third | fourth) & invalid
    }

    private static let invalid: UInt32 = 1 << 31

    /// The value of each byte as a character of base64.
    private static let values: [UInt32] = {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        var values = [UInt32](repeating: invalid, count: 256)
        for (value, character) in alphabet.utf8.enumerated() {
            values[Int(character)] = UInt32(value)
        }
        return values
    }()
}
