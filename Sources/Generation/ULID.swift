import Foundation

/// A universally unique identifier that sorts by time (github.com/ulid/spec): 48 bits of
/// milliseconds since 1970, 80 random bits; written as 26 characters of Crockford's base 32.
public struct ULID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Time and the first 16 random bits.
    package let high: UInt64
    /// The other 64 random bits.
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new identifier for the given time.
    public init(at time: Date = Date()) {
        let milliseconds = UInt64(max(0, time.timeIntervalSince1970 * 1000))
        high = milliseconds << 16 | UInt64.random(in: 0...0xFFFF)
        low = UInt64.random(in: .min ... .max)
    }

    /// Reads 26 characters, upper or lower case.
    public init?(_ text: some StringProtocol) {
        var text = String(text)
        let parsed = text.withUTF8 { Self.parse($0) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Reads 26 bytes of ASCII.
    package static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> ULID? {
        guard bytes.count == 26 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            let digit = values[Int(byte)]
            // The first character holds three bits only.
            guard digit < 32, index > 0 || digit < 8 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(digit)
        }
        return ULID(high: high, low: low)
    }

    /// When the identifier was made.
    public var time: Date { Date(timeIntervalSince1970: Double(high >> 16) / 1000) }

    /// The 26 characters.
    public var description: String {
        String(unsafeUninitializedCapacity: 26) { text in
            for index in 0..<26 { text[index] = digit(index) }
            return 26
        }
    }

    private func digit(_ index: Int) -> UInt8 {
        let shift = 125 - index * 5
        let digit =
            if shift >= 64 {
                high >> (shift - 64)
            } else if shift > 59 {
                high << (64 - shift) | low >> shift
            } else {
                low >> shift
            }
        return Self.alphabet[Int(digit & 31)]
    }

    public static func < (left: ULID, right: ULID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    /// Digit of each byte, 255 for bytes that are none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (digit, byte) in alphabet.enumerated() {
            values[Int(byte)] = UInt8(digit)
            values[Int(byte | 0x20)] = UInt8(digit)
        }
        // Setting bit 5 of a digit's byte gives the same byte, so digits are right too.
        return values
    }()
}

extension ULID: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = ULID(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a ULID"))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
