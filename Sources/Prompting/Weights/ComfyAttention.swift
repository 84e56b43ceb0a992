/// Prompt weights as ComfyUI reads them (`token_weights` in comfy/sd1_clip.py): `(a)` is 1.1, nested
/// brackets multiply, `(a:1.3)` is 1.3 whatever surrounds it, `\(` is a bracket; square brackets and
/// `BREAK` are ordinary text. A bracket that is not closed is ordinary text.
public enum ComfyAttention {
    /// The prompt cut into stretches, in order. Empty for an empty prompt.
    ///
    /// A weight that is not a finite number is ordinary text. Brackets nested deeper than 1,000,
    /// where the original gives up with an error, are ordinary text too.
    public static func parse(_ prompt: String) -> [WeightedText] {
        var parser = ComfyParser(prompt)
        return parser.parse()
    }
}

private struct ComfyParser {
    private struct Group {
        var range: Range<Int>
        var weight: Double
        var depth: Int
        var isText = false
    }

    /// Bytes of the prompt without the backslashes before brackets.
    private var bytes: [UInt8] = []
    /// For each byte its offset in the prompt.
    private var offsets: [Int] = []
    /// For each byte whether a backslash made it ordinary text.
    private var isEscaped: [Bool] = []
    private var result: [WeightedText] = []

    private static let depthLimit = 1000
    private static let open = UInt8(ascii: "(")
    private static let close = UInt8(ascii: ")")

    init(_ prompt: String) {
        let source = Array(prompt.utf8)
        var index = 0
        while index < source.count {
            let next = index + 1 < source.count ? source[index + 1] : 0
            let escapes =
                source[index] == UInt8(ascii: "\\") && (next == Self.open || next == Self.close)
            if escapes { index += 1 }
            bytes.append(source[index])
            offsets.append(index)
            isEscaped.append(escapes)
            index += 1
        }
    }

    mutating func parse() -> [WeightedText] {
        // Groups are taken from a stack instead of by recursion; the next one lies on top.
        var stack = [Group(range: 0..<bytes.count, weight: 1, depth: 0)]
        while let group = stack.popLast() {
            guard !group.isText else {
                appendText(group.range, group.weight)
                continue
            }
            stack += items(of: group.range).reversed().map { item in
                isGroup(item) && group.depth < Self.depthLimit
                    ? content(of: item, weight: group.weight, depth: group.depth + 1)
                    : Group(range: item, weight: group.weight, depth: group.depth, isText: true)
            }
        }
        return result
    }

    private func isGroup(_ item: Range<Int>) -> Bool {
        item.count >= 2 && bytes[item.lowerBound] == Self.open && !isEscaped[item.lowerBound]
            && bytes[item.upperBound - 1] == Self.close && !isEscaped[item.upperBound - 1]
    }

    /// Cuts a range at its outermost brackets, exactly as the original counts them: a closing
    /// bracket without an opening one takes the count below zero and keeps it there.
    private func items(of range: Range<Int>) -> [Range<Int>] {
        var items: [Range<Int>] = []
        var start = range.lowerBound
        var level = 0
        for index in range where !isEscaped[index] {
            if bytes[index] == Self.open {
                if level == 0 {
                    if start < index { items.append(start..<index) }
                    start = index
                }
                level += 1
            } else if bytes[index] == Self.close {
                level -= 1
                if level == 0 {
                    items.append(start..<(index + 1))
                    start = index + 1
                }
            }
        }
        if start < range.upperBound { items.append(start..<range.upperBound) }
        return items
    }

    /// The inside of `( ... )` with its own weight.
    private func content(of item: Range<Int>, weight: Double, depth: Int) -> Group {
        let inside = (item.lowerBound + 1)..<(item.upperBound - 1)
        let factor = min(max(weight * 1.1, -1e30), 1e30)
        guard let colon = bytes[inside].lastIndex(of: UInt8(ascii: ":")),
            colon > inside.lowerBound
        else { return Group(range: inside, weight: factor, depth: depth) }
        let suffix = String(
            decoding: bytes[(colon + 1)..<inside.upperBound].prefix(200), as: UTF8.self)
        guard
            let number = PythonText.number(suffix[...].unicodeScalars, allowsUnderscores: true)
        else {
            return Group(range: inside, weight: factor, depth: depth)
        }
        return Group(range: inside.lowerBound..<colon, weight: number, depth: depth)
    }

    private mutating func appendText(_ range: Range<Int>, _ weight: Double) {
        var spans: [WeightedText.Span] = []
        for index in range {
            if let last = spans.last, last.source.upperBound == offsets[index] {
                spans[spans.count - 1].source = last.source.lowerBound..<(offsets[index] + 1)
            } else {
                spans.append(
                    .init(
                        textOffset: index - range.lowerBound,
                        source: offsets[index]..<(offsets[index] + 1)))
            }
        }
        let text = String(decoding: bytes[range], as: UTF8.self)
        result.append(WeightedText(text: text, weight: weight, spans: spans))
    }
}
