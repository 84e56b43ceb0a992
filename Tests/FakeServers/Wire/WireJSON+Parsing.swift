/// What is wrong with a JSON text.
public struct WireJSONError: Error, CustomStringConvertible {
    /// One sentence with the position.
    public let description: String
}

extension WireJSON {
    /// Reads a JSON text.
    ///
    /// - Throws: ``WireJSONError``.
    public init(parsing bytes: some Sequence<UInt8>) throws {
        var parser = WireJSONParser(bytes: Array(bytes))
        self = try parser.document()
    }
}

private struct WireJSONParser {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws -> WireJSON {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw problem("not UTF-8") }
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw problem("text after the value") }
        return value
    }

    private mutating func value(depth: Int) throws -> WireJSON {
        guard depth < 200 else { throw problem("nested too deeply") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws -> WireJSON {
        position += 1
        var members: [WireJSON.Member] = []
        skipSpace()
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            let key = try string()
            guard !members.contains(where: { $0.key == key }) else {
                throw problem("the key \(key) is there twice")
            }
            skipSpace()
            guard take(":") else { throw problem("a colon is missing") }
            members.append(.init(key: key, value: try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw problem("an object does not end") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws -> WireJSON {
        position += 1
        var elements: [WireJSON] = []
        skipSpace()
        if take("]") { return .array([]) }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw problem("an array does not end") }
        return .array(elements)
    }

    private mutating func string() throws -> String {
        guard take("\"") else { throw problem("a string is missing") }
        var units: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"): units += Array(String(try escape()).utf8)
            case 0..<0x20: throw problem("a control character in a string")
            default: units.append(byte)
            }
        }
        throw problem("a string does not end")
    }

    private mutating func escape() throws -> Character {
        guard let byte = peek else { throw problem("a string does not end") }
        position += 1
        let plain: [Character: Character] = [
            "\"": "\"", "\\": "\\", "/": "/", "n": "\n", "r": "\r", "t": "\t",
            "b": "\u{8}", "f": "\u{C}",
        ]
        let letter = Character(UnicodeScalar(byte))
        if let meaning = plain[letter] { return meaning }
        guard letter == "u" else { throw problem("an unknown escape") }
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code) {
            guard take("\\"), take("u") else { throw problem("half a surrogate pair") }
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw problem("half a surrogate pair") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = UnicodeScalar(code) else { throw problem("half a surrogate pair") }
        return Character(scalar)
    }

    private mutating func hexadecimal() throws -> UInt32 {
        guard position + 4 <= bytes.count,
            let code = UInt32(
                String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
        else { throw problem("a broken \\u escape") }
        position += 4
        return code
    }

    private mutating func number() throws -> String {
        let start = position
        _ = take("-")
        let whole = digits()
        guard !whole.isEmpty, whole == "0" || !whole.hasPrefix("0") else {
            throw problem("not a JSON value")
        }
        if take(".") {
            guard !digits().isEmpty else { throw problem("a number without digits") }
        }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            guard !digits().isEmpty else { throw problem("a number without digits") }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() -> String {
        let start = position
        while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func word(_ text: String, _ value: WireJSON) throws -> WireJSON {
        guard bytes[position...].starts(with: text.utf8) else { throw problem("not a JSON value") }
        position += text.utf8.count
        return value
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: UnicodeScalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private func problem(_ text: String) -> WireJSONError {
        WireJSONError(description: "\(text) at byte \(position)")
    }
}
