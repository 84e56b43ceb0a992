/// The lower half of the parser: characters, comments, quoted text.
extension JSON5Parser {
    /// Takes one scalar when it is the next one.
    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard scalars.first == scalar else { return false }
        scalars.removeFirst()
        return true
    }

    mutating func takeWhile(_ isWanted: (Unicode.Scalar) -> Bool) -> String {
        let taken = scalars.prefix(while: isWanted)
        scalars = scalars.dropFirst(taken.count)
        var text = String.UnicodeScalarView()
        text.append(contentsOf: taken)
        return String(text)
    }

    /// Skips white space and comments, counting lines.
    mutating func skipSpace() throws(JSON5Error) {
        while let first = scalars.first {
            if first == "\n" {
                line += 1
                scalars.removeFirst()
            } else if first.properties.isWhitespace || first == "\u{FEFF}" {
                scalars.removeFirst()
            } else if first == "/" {
                try skipComment()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() throws(JSON5Error) {
        scalars.removeFirst()
        if take("/") {
            scalars = scalars.drop { $0 != "\n" }
            return
        }
        let start = line
        guard take("*") else { throw error("a comment starts with // or /*") }
        while let scalar = scalars.popFirst() {
            if scalar == "\n" { line += 1 }
            if scalar == "*", take("/") { return }
        }
        throw JSON5Error(line: start, reason: "the comment has no end")
    }

    /// A text in single or double quotes.
    mutating func quotedText() throws(JSON5Error) -> String {
        let start = line
        let quote = scalars.removeFirst()
        var text = String.UnicodeScalarView()
        while let scalar = scalars.popFirst() {
            if scalar == quote { return String(text) }
            if scalar == "\n" { break }
            if scalar == "\\" {
                if let escaped = try escape() { text.append(escaped) }
            } else {
                text.append(scalar)
            }
        }
        throw JSON5Error(line: start, reason: "the text has no closing quote")
    }

    /// What follows a backslash; nil for a continued line.
    private mutating func escape() throws(JSON5Error) -> Unicode.Scalar? {
        guard let scalar = scalars.popFirst() else { return nil }
        switch scalar {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "0": return "\0"
        case "\n":
            line += 1
            return nil
        case "x": return try hexadecimal(digits: 2)
        case "u": return try hexadecimal(digits: 4)
        default: return scalar
        }
    }

    /// `\uXXXX`, also as a pair of surrogates.
    private mutating func hexadecimal(digits: Int) throws(JSON5Error) -> Unicode.Scalar {
        let high = try codeUnit(digits)
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard (0xD800..<0xDC00).contains(high), take("\\"), take("u") else {
            throw error("half of a surrogate pair")
        }
        let low = try codeUnit(4)
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw error("half of a surrogate pair") }
        return scalar
    }

    private mutating func codeUnit(_ digits: Int) throws(JSON5Error) -> UInt32 {
        let text = String(String.UnicodeScalarView(scalars.prefix(digits)))
        scalars = scalars.dropFirst(digits)
        guard text.unicodeScalars.count == digits, let value = UInt32(text, radix: 16) else {
            throw error("\(digits) hexadecimal digits must follow \\u or \\x")
        }
        return value
    }
}
