/// Reads JSON5 (json5.org): JSON with comments, trailing commas, single quotes, bare keys,
/// hexadecimal numbers. Every value keeps its line.
public struct JSON5Parser {
    /// Deepest nesting that is read.
    static let maximumDepth = 64

    var scalars: ArraySlice<Unicode.Scalar>
    var line = 1
    private var depth = 0

    /// Reads a whole document.
    ///
    /// - Throws: ``JSON5Error``.
    public static func parse(_ text: String) throws(JSON5Error) -> PositionedValue {
        var parser = JSON5Parser(text)
        let value = try parser.value()
        try parser.skipSpace()
        guard parser.scalars.isEmpty else {
            throw parser.error("nothing may follow the end of the document")
        }
        return value
    }

    private init(_ text: String) {
        scalars = Array(text.unicodeScalars)[...]
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    }

    private mutating func value() throws(JSON5Error) -> PositionedValue {
        try skipSpace()
        let start = line
        guard let first = scalars.first else { throw error("a value is missing at the end") }
        let content: PositionedValue.Content
        switch first {
        case "{": content = try nested { parser throws(JSON5Error) in try parser.object() }
        case "[": content = try nested { parser throws(JSON5Error) in try parser.list() }
        case "\"", "'": content = .text(try quotedText())
        default: content = try word()
        }
        return PositionedValue(content: content, line: start)
    }

    private mutating func nested(
        _ body: (inout JSON5Parser) throws(JSON5Error) -> PositionedValue.Content
    ) throws(JSON5Error) -> PositionedValue.Content {
        depth += 1
        guard depth <= Self.maximumDepth else {
            throw error("more than \(Self.maximumDepth) levels are nested")
        }
        let content = try body(&self)
        depth -= 1
        return content
    }

    private mutating func object() throws(JSON5Error) -> PositionedValue.Content {
        scalars.removeFirst()
        var members: [PositionedValue.Member] = []
        while true {
            try skipSpace()
            if take("}") { return .object(members) }
            let start = line
            let key = try key()
            if let earlier = members.first(where: { $0.key == key }) {
                throw error("\"\(key)\" was already given in line \(earlier.line)")
            }
            try skipSpace()
            guard take(":") else { throw error("a colon must follow the key \"\(key)\"") }
            members.append(.init(key: key, line: start, value: try value()))
            try skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("a comma or } must follow the value") }
        }
    }

    private mutating func list() throws(JSON5Error) -> PositionedValue.Content {
        scalars.removeFirst()
        var elements: [PositionedValue] = []
        while true {
            try skipSpace()
            if take("]") { return .list(elements) }
            elements.append(try value())
            try skipSpace()
            if take("]") { return .list(elements) }
            guard take(",") else { throw error("a comma or ] must follow the value") }
        }
    }

    private mutating func key() throws(JSON5Error) -> String {
        guard let first = scalars.first else { throw error("a } is missing at the end") }
        if first == "\"" || first == "'" { return try quotedText() }
        let name = takeWhile { scalar in
            scalar == "_" || scalar == "$" || scalar.properties.isAlphabetic
                || scalar.properties.numericType != nil
        }
        guard !name.isEmpty else { throw error("a key is expected here") }
        return name
    }

    /// `true`, `null`, a number.
    private mutating func word() throws(JSON5Error) -> PositionedValue.Content {
        let text = takeWhile { !" \t\r\n,:[]{}/\"'".unicodeScalars.contains($0) }
        switch text {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        guard let number = Self.number(text) else {
            throw error(
                text.isEmpty
                    ? "a value is expected here" : "\"\(text)\" is no value; text needs quotes")
        }
        return .number(number)
    }

    /// A JSON5 number: signs, hexadecimal, a point at either end, `Infinity`, `NaN`.
    private static func number(_ text: String) -> Double? {
        var body = Substring(text)
        var sign = 1.0
        if let first = body.first, first == "-" || first == "+" {
            sign = first == "-" ? -1 : 1
            body = body.dropFirst()
        }
        switch body {
        case "Infinity": return sign * .infinity
        case "NaN": return .nan
        default: break
        }
        if body.hasPrefix("0x") || body.hasPrefix("0X") {
            return UInt64(body.dropFirst(2), radix: 16).map { sign * Double($0) }
        }
        guard let first = body.first, first.isASCII, first.isNumber || first == "." else {
            return nil
        }
        if body.hasSuffix(".") { body = body.dropLast() }
        return Double(body).map { sign * $0 }
    }

    func error(_ reason: String) -> JSON5Error { JSON5Error(line: line, reason: reason) }
}
