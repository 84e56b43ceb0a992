/// Prompt weights as stable-diffusion-webui reads them (`parse_prompt_attention` in
/// modules/prompt_parser.py, version 1.10): `(a)` is 1.1, `[a]` is 1/1.1, `(a:1.3)` is 1.3, `\(` is a
/// bracket, `BREAK` ends a chunk. Brackets that are not closed reach to the end of the prompt.
public enum A1111Attention {
    /// The prompt cut into stretches of equal weight, never empty.
    ///
    /// Differs from the original in two cases that break it: a weight such as `1.2.3` is ordinary
    /// text (the original fails), and weights that leave the range of numbers are clamped.
    public static func parse(_ prompt: String) -> [WeightedText] {
        var parser = A1111Parser(prompt)
        return parser.parse()
    }
}

/// One pass over the bytes; a prompt of n bytes takes O(n log n) at most.
private struct A1111Parser {
    private struct Piece {
        var source: Range<Int>
        var isBreak = false
    }

    private let bytes: [UInt8]
    private var pieces: [Piece] = []
    private var roundBrackets: [Int] = []
    private var squareBrackets: [Int] = []
    private var products = RangeProducts()

    private static let roundFactor = 1.1
    private static let squareFactor = 1 / 1.1

    init(_ prompt: String) { bytes = Array(prompt.utf8) }

    mutating func parse() -> [WeightedText] {
        var index = 0
        while index < bytes.count { index = readPiece(at: index) }
        let end = pieces.count
        for start in roundBrackets { products.multiply(start..<end, by: Self.roundFactor) }
        for start in squareBrackets { products.multiply(start..<end, by: Self.squareFactor) }
        return merged()
    }

    /// Reads one match of the original's regular expression; returns where it ends.
    private mutating func readPiece(at index: Int) -> Int {
        switch bytes[index] {
        case UInt8(ascii: "\\"):
            let escapes = index + 1 < bytes.count && Self.isSyntax(bytes[index + 1])
            let end = escapes ? index + 2 : index + 1
            pieces.append(Piece(source: (index + 1)..<end))
            return end
        case UInt8(ascii: "("):
            roundBrackets.append(pieces.count)
        case UInt8(ascii: "["):
            squareBrackets.append(pieces.count)
        case UInt8(ascii: ":"):
            return readColon(at: index)
        case UInt8(ascii: ")"):
            close(roundBrackets.popLast(), by: Self.roundFactor, at: index)
        case UInt8(ascii: "]"):
            close(squareBrackets.popLast(), by: Self.squareFactor, at: index)
        default:
            return readText(at: index)
        }
        return index + 1
    }

    private static func isSyntax(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "\\"):
            true
        default: false
        }
    }

    private mutating func close(_ start: Int?, by factor: Double, at index: Int) {
        if let start {
            products.multiply(start..<pieces.count, by: factor)
        } else {
            pieces.append(Piece(source: index..<(index + 1)))
        }
    }

    private mutating func readColon(at index: Int) -> Int {
        guard let weight = WeightSuffix(bytes, at: index) else {
            pieces.append(Piece(source: index..<(index + 1)))
            return index + 1
        }
        if let start = roundBrackets.popLast() {
            products.multiply(start..<pieces.count, by: weight.value)
        } else {
            pieces.append(Piece(source: index..<weight.end))
        }
        return weight.end
    }

    /// Text up to the next character that means something, cut at `BREAK`.
    private mutating func readText(at start: Int) -> Int {
        var end = start
        while end < bytes.count, !Self.isSyntax(bytes[end]), bytes[end] != UInt8(ascii: ":") {
            end += 1
        }
        var partStart = start
        for match in BreakWord.matches(in: bytes, start..<end) {
            pieces.append(Piece(source: partStart..<match.whole.lowerBound))
            pieces.append(Piece(source: match.word, isBreak: true))
            partStart = match.whole.upperBound
        }
        pieces.append(Piece(source: partStart..<end))
        return end
    }

    /// Neighbours of equal weight become one text.
    private func merged() -> [WeightedText] {
        var weights = pieces.map { $0.isBreak ? -1.0 : 1.0 }
        products.apply(to: &weights)
        weights = weights.map { $0.isNaN ? 0 : min(max($0, -1e30), 1e30) }
        var result: [WeightedText] = []
        var text: [UInt8] = []
        var spans: [WeightedText.Span] = []
        for (index, piece) in pieces.enumerated() {
            let weight = weights[index]
            spans.append(.init(textOffset: text.count, source: piece.source))
            text += bytes[piece.source]
            let next = index + 1 < pieces.count ? weights[index + 1] : nil
            if next != weight {
                let decoded = String(decoding: text, as: UTF8.self)
                result.append(WeightedText(text: decoded, weight: weight, spans: spans))
                text = []
                spans = []
            }
        }
        return result.isEmpty ? [WeightedText(text: "", weight: 1)] : result
    }
}
