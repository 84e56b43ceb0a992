/// `:1.2)` as A1111 matches it: `:\s*([+-]?[.\d]+)\s*\)`.
struct WeightSuffix {
    /// The number.
    let value: Double
    /// Offsets of the number's digits, sign included.
    let number: Range<Int>
    /// Offset behind the closing bracket.
    let end: Int

    /// - Returns: nil unless such a weight starts with the colon at `index`.
    init?(_ bytes: [UInt8], at index: Int) {
        // A number longer than this is no weight; the limit keeps a run of colons linear.
        var reader = ScalarReader(bytes, from: index + 1, limit: min(bytes.count, index + 200))
        reader.skip(PythonText.isSpace)
        let start = reader.index
        if reader.peek == "+" || reader.peek == "-" { reader.advance() }
        reader.skip { $0 == "." || PythonText.digit($0) != nil }
        let numberEnd = reader.index
        reader.skip(PythonText.isSpace)
        guard reader.peek == ")" else { return nil }
        let text = String(decoding: bytes[start..<numberEnd], as: UTF8.self)
        guard let value = PythonText.number(text[...].unicodeScalars) else { return nil }
        self.value = value
        number = start..<numberEnd
        end = reader.index + 1
    }
}
