#if canImport(Glibc)
    import Glibc
#endif

extension JSONValue {
    /// What a document may cost.
    public struct Limits: Sendable {
        /// Deepest nesting of arrays and objects.
        public var depth = 128
        /// Largest number of values in all.
        public var values = 200_000

        /// 128 levels and 200,000 values.
        public init() {}
    }

    /// Parses a document; ComfyUI's `NaN` and `Infinity` are accepted as null.
    ///
    /// - Returns: nil when the text is not JSON or goes beyond `limits`.
    public init?(parsing text: String, limits: Limits = Limits()) {
        self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// Parses a document in UTF-8; bytes that are none become U+FFFD.
    ///
    /// - Returns: nil when the bytes are not JSON or go beyond `limits`.
    public init?(parsing bytes: [UInt8], limits: Limits = Limits()) {
        guard let value = Self.parse(bytes, limits: limits, allowsTail: false) else { return nil }
        self = value
    }

    /// Parses the document at the start of `text` and ignores what follows it.
    ///
    /// - Returns: nil when `text` does not start with a JSON document within `limits`.
    public init?(parsingPrefixOf text: some StringProtocol, limits: Limits = Limits()) {
        guard let value = Self.parse(Array(text.utf8), limits: limits, allowsTail: true) else {
            return nil
        }
        self = value
    }

    private static func parse(_ bytes: [UInt8], limits: Limits, allowsTail: Bool) -> JSONValue? {
        bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer, limits: limits)
            guard let value = parser.value(depth: 0) else { return nil }
            return allowsTail || parser.isAtEnd() ? value : nil
        }
    }
}

/// A recursive-descent parser over UTF-8 (RFC 8259), bounded in depth and in number of values.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let limits: JSONValue.Limits
    private var position = 0
    private var values = 0

    init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONValue.Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func isAtEnd() -> Bool {
        skipSpace()
        return position == bytes.count
    }

    mutating func value(depth: Int) -> JSONValue? {
        skipSpace()
        values += 1
        guard depth <= limits.depth, values <= limits.values, let byte = next else { return nil }
        switch byte {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "t"): return literal("true", .bool(true))
        case UInt8(ascii: "f"): return literal("false", .bool(false))
        case UInt8(ascii: "n"): return literal("null", .null)
        case UInt8(ascii: "N"): return literal("NaN", .null)
        case UInt8(ascii: "I"): return literal("Infinity", .null)
        default: return number()
        }
    }

    private mutating func object(depth: Int) -> JSONValue? {
        var members: [String: JSONValue] = [:]
        position += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\""), let key = string() else { return nil }
            skipSpace()
            guard take(UInt8(ascii: ":")), let member = value(depth: depth + 1) else { return nil }
            members[key] = member
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private mutating func array(depth: Int) -> JSONValue? {
        var elements: [JSONValue] = []
        position += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            guard let element = value(depth: depth + 1) else { return nil }
            elements.append(element)
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private mutating func number() -> JSONValue? {
        let start = position
        if take(UInt8(ascii: "-")), next == UInt8(ascii: "I") {
            return literal("Infinity", .null)
        }
        while let byte = next, Self.isNumberByte(byte) { position += 1 }
        let literal = String(decoding: bytes[start..<position], as: UTF8.self)
        return Double(literal) == nil ? nil : .number(literal)
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// A string; pictures make some of them megabytes long, so runs without escapes are taken whole.
    private mutating func string() -> String? {
        position += 1
        var text: [UInt8] = []
        var quote = first(UInt8(ascii: "\""), before: bytes.count)
        while let end = quote {
            guard let escape = first(UInt8(ascii: "\\"), before: end) else {
                let run = UnsafeBufferPointer(rebasing: bytes[position..<end])
                position = end + 1
                if text.isEmpty { return String(decoding: run, as: UTF8.self) }
                return String(decoding: text + run, as: UTF8.self)
            }
            text += bytes[position..<escape]
            position = escape + 1
            guard self.escape(into: &text) else { return nil }
            if position > end { quote = first(UInt8(ascii: "\""), before: bytes.count) }
        }
        return nil
    }

    /// Where `byte` stands next, from here to `end`.
    private func first(_ byte: UInt8, before end: Int) -> Int? {
        guard let base = bytes.baseAddress, position < end,
            let found = memchr(base + position, Int32(byte), end - position)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private mutating func escape(into text: inout [UInt8]) -> Bool {
        guard let byte = next else { return false }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "u"):
            guard let scalar = escapedScalar() else { return false }
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: return false
        }
        return true
    }

    /// Four hexadecimal digits after `\u`, with the second half of a surrogate pair; a lone half
    /// becomes U+FFFD.
    private mutating func escapedScalar() -> Unicode.Scalar? {
        guard let first = fourHexDigits() else { return nil }
        guard (0xD800...0xDBFF).contains(first) else {
            return Unicode.Scalar(first) ?? "\u{FFFD}"
        }
        let afterFirst = position
        if take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let second = fourHexDigits(),
            (0xDC00...0xDFFF).contains(second)
        {
            return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        }
        position = afterFirst
        return "\u{FFFD}"
    }

    private mutating func fourHexDigits() -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        var number: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            number = number << 4 + UInt32(digit)
        }
        position += 4
        return number
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) -> JSONValue? {
        let count = word.utf8CodeUnitCount
        guard position + count <= bytes.count else { return nil }
        for offset in 0..<count where bytes[position + offset] != word.utf8Start[offset] {
            return nil
        }
        position += count
        return value
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    }
}
