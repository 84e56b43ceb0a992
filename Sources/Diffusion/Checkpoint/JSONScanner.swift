/// A strict reader for the small subset of JSON that safetensors headers use, which reports
/// duplicate keys and never recurses.
struct JSONScanner {
    /// What is wrong and at which byte.
    struct Failure: Error {
        let reason: String
        let offset: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Whether only white space is left.
    mutating func isAtEnd() -> Bool {
        skipSpace()
        return offset == bytes.count
    }

    /// The next byte that is not white space, without consuming it.
    mutating func peek() throws(Failure) -> UInt8 {
        skipSpace()
        guard offset < bytes.count else { throw failure("it ends too early") }
        return bytes[offset]
    }

    /// Consumes `character`.
    mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
        guard try peek() == UInt8(ascii: character) else {
            throw failure("'\(character)' is expected")
        }
        offset += 1
    }

    /// Consumes `character` when it is next.
    mutating func accept(_ character: Unicode.Scalar) throws(Failure) -> Bool {
        guard try peek() == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    /// A string with its escapes resolved.
    mutating func string() throws(Failure) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while true {
            guard offset < bytes.count else { throw failure("a string does not end") }
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("a string is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                text.append(contentsOf: try escape().utf8)
            case 0..<0x20:
                throw failure("a control character stands in a string")
            default:
                text.append(byte)
            }
        }
    }

    /// A whole number that is not negative and fits.
    mutating func unsignedInteger() throws(Failure) -> Int {
        _ = try peek()
        let start = offset
        var value = 0
        while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset])
        {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(
                Int(bytes[offset] - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw failure("a number is too large") }
            value = sum
            offset += 1
        }
        guard offset > start else { throw failure("a whole number is expected") }
        return value
    }

    /// A list of such numbers.
    mutating func unsignedIntegers(atMost limit: Int) throws(Failure) -> [Int] {
        try expect("[")
        if try accept("]") { return [] }
        var numbers: [Int] = []
        repeat {
            guard numbers.count < limit else { throw failure("a list is too long") }
            numbers.append(try unsignedInteger())
        } while try accept(",")
        try expect("]")
        return numbers
    }

    /// An object; `member` reads each value. Duplicate keys are refused.
    mutating func object(
        _ member: (inout JSONScanner, String) throws(Failure) -> Void
    ) throws(Failure) {
        try expect("{")
        if try accept("}") { return }
        var seen: Set<String> = []
        repeat {
            let key = try string()
            guard seen.insert(key).inserted else { throw failure("\"\(key)\" occurs twice") }
            try expect(":")
            try member(&self, key)
        } while try accept(",")
        try expect("}")
    }

    /// A failure at the present place.
    func failure(_ reason: String) -> Failure {
        Failure(reason: reason, offset: offset)
    }

    private mutating func skipSpace() {
        while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) {
            offset += 1
        }
    }

    private mutating func escape() throws(Failure) -> String {
        guard offset < bytes.count else { throw failure("a string does not end") }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure("an unknown escape stands in a string")
        }
    }

    private mutating func unicodeEscape() throws(Failure) -> String {
        let first = try hexadecimal()
        var units = [first]
        if (0xD800..<0xDC00).contains(first), offset + 1 < bytes.count,
            bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
        {
            offset += 2
            units.append(try hexadecimal())
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw failure("an escape is not Unicode")
        }
        return text
    }

    private mutating func hexadecimal() throws(Failure) -> UInt16 {
        guard offset + 4 <= bytes.count,
            let text = String(validating: bytes[offset..<(offset + 4)], as: UTF8.self),
            text.utf8.allSatisfy({ ($0 | 0x20) >= 0x61 || $0 <= 0x39 }),
            let value = UInt16(text, radix: 16)
        else { throw failure("an escape lacks its four digits") }
        offset += 4
        return value
    }
}
