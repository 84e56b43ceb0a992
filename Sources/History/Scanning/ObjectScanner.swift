import Glibc

/// Walks over the members of one JSON object in place: no copies, no tree.
///
/// It checks brackets, strings and separators of the outer level and only balances what is inside
/// the values; whoever needs a value's content decodes it.
struct ObjectScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position: Int
    private let end: Int
    private(set) var isDamaged = false
    private(set) var isAtEnd = false

    /// Starts at the object in `range`; damaged when there is none.
    init(_ bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
        skipSpace()
        if take(UInt8(ascii: "{")) {
            skipSpace()
            if take(UInt8(ascii: "}")) { finish() }
        } else {
            isDamaged = true
        }
    }

    /// The next key (without quotes) and value (with quotes or brackets); nil at the end, which
    /// ``isDamaged`` tells from damage.
    mutating func next() -> (key: Range<Int>, value: Range<Int>)? {
        guard !isAtEnd, !isDamaged else { return nil }
        skipSpace()
        guard let quotedKey = skipString() else { return damage() }
        skipSpace()
        guard take(UInt8(ascii: ":")) else { return damage() }
        skipSpace()
        let start = position
        guard skipValue(), position > start else { return damage() }
        let value = start..<position
        skipSpace()
        if take(UInt8(ascii: "}")) {
            finish()
        } else if !take(UInt8(ascii: ",")) {
            return damage()
        }
        return (quotedKey.lowerBound + 1..<quotedKey.upperBound - 1, value)
    }

    private mutating func damage() -> (key: Range<Int>, value: Range<Int>)? {
        isDamaged = true
        return nil
    }

    private mutating func finish() {
        isAtEnd = true
        skipSpace()
        if position != end { isDamaged = true }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < end, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < end, bytes[position] == 0x20 || (0x09...0x0D).contains(bytes[position]) {
            position += 1
        }
    }

    /// Skips a string with its quotes. The search for the closing quote is `memchr`'s.
    private mutating func skipString() -> Range<Int>? {
        guard position < end, bytes[position] == UInt8(ascii: "\""), let base = bytes.baseAddress
        else { return nil }
        let start = position
        var search = position + 1
        while search < end, let found = memchr(base + search, 0x22, end - search) {
            let quote = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            var backslashes = 0
            while bytes[quote - 1 - backslashes] == UInt8(ascii: "\\") { backslashes += 1 }
            search = quote + 1
            if backslashes % 2 == 0 {
                position = search
                return start..<search
            }
        }
        return nil
    }

    private mutating func skipValue() -> Bool {
        guard position < end else { return false }
        switch bytes[position] {
        case UInt8(ascii: "\""): return skipString() != nil
        case UInt8(ascii: "{"), UInt8(ascii: "["): return skipContainer()
        default: return skipScalar()
        }
    }

    private mutating func skipScalar() -> Bool {
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x09...0x0D:
                return true
            case 0x21...0x7E where bytes[position] != UInt8(ascii: "\""):
                position += 1
            default: return false
            }
        }
        return true
    }

    /// Skips an object or array by counting brackets; a counter needs no stack, however deep.
    private mutating func skipContainer() -> Bool {
        var depth = 0
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard skipString() != nil else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case 0..<0x09, 0x0E..<0x20: return false
            default: break
            }
            position += 1
            if depth == 0 { return true }
        }
        return false
    }
}
