/// The syntax of a prompt as an editor shows it: every stretch that means something, with its place.
public enum PromptSyntax {
    /// The meaningful stretches of `prompt` in order, without overlaps; words are left out.
    ///
    /// Takes linear time and no recursion, whatever the prompt.
    public static func tokens(of prompt: String) -> [PromptToken] {
        var scanner = PromptScanner(prompt)
        return scanner.scan()
    }

    /// What is probably not meant: brackets without partner, weights that are no numbers.
    public static func problems(in prompt: String) -> [PromptProblem] {
        let bytes = Array(prompt.utf8)
        return tokens(of: prompt).compactMap { token in
            let text = String(decoding: bytes[token.range].prefix(40), as: UTF8.self)
            switch token.kind {
            case .unbalanced:
                return PromptProblem(
                    range: token.range, message: "the bracket \(text) has no partner")
            case .badWeight:
                return PromptProblem(
                    range: token.range,
                    message: "\"\(text.dropFirst())\" is no weight; it is read as words")
            default: return nil
            }
        }
    }
}

/// One pass from left to right with a stack of open brackets.
private struct PromptScanner {
    private struct Open {
        /// Index of its token.
        var token: Int
        var byte: UInt8
        /// Offsets of the colons directly inside.
        var colons: [Int] = []
        /// Tokens of the bars directly inside.
        var bars: [Int] = []
    }

    private let prompt: String
    private let bytes: [UInt8]
    private var tokens: [PromptToken] = []
    private var open: [Open] = []

    init(_ prompt: String) {
        self.prompt = prompt
        bytes = Array(prompt.utf8)
    }

    mutating func scan() -> [PromptToken] {
        let loras = LoRATag.tags(in: prompt)
        var nextLora = 0
        var index = 0
        while index < bytes.count {
            if nextLora < loras.count, loras[nextLora].range.lowerBound == index {
                add(.lora, loras[nextLora].range)
                index = loras[nextLora].range.upperBound
                nextLora += 1
            } else {
                index = scanByte(at: index)
            }
            while nextLora < loras.count, loras[nextLora].range.lowerBound < index { nextLora += 1 }
        }
        for bracket in open { tokens[bracket.token].kind = .unbalanced }
        for match in BreakWord.matches(in: bytes, 0..<bytes.count) { add(.breakWord, match.word) }
        // Bars and colons get their meaning only when their bracket closes.
        return tokens.filter { !$0.range.isEmpty }.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }.withoutOverlaps()
    }

    @discardableResult
    private mutating func add(_ kind: PromptToken.Kind, _ range: Range<Int>) -> Int {
        tokens.append(PromptToken(kind: kind, range: range))
        return tokens.count - 1
    }

    private mutating func scanByte(at index: Int) -> Int {
        let byte = bytes[index]
        let next = index + 1 < bytes.count ? bytes[index + 1] : 0
        switch byte {
        case UInt8(ascii: "\\") where #"()[]{}\|_"#.utf8.contains(next):
            add(.escape, index..<(index + 2))
            return index + 2
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
            open.append(Open(token: add(.bracket, index..<(index + 1)), byte: byte))
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
            close(byte, at: index)
        case UInt8(ascii: ":"):
            if let last = open.indices.last, open[last].colons.count < 4 {
                open[last].colons.append(index)
            } else if let last = open.indices.last {
                open[last].colons.removeFirst()
                open[last].colons.append(index)
            }
        case UInt8(ascii: "|"):
            // Empty until the bracket around it closes.
            if let last = open.indices.last, open[last].byte != UInt8(ascii: "(") {
                open[last].bars.append(add(.separator, index..<index))
            }
        case UInt8(ascii: "$") where next == UInt8(ascii: "$"):
            if open.last?.byte == UInt8(ascii: "{") { add(.separator, index..<(index + 2)) }
            return index + 2
        case UInt8(ascii: "$") where next == UInt8(ascii: "{"):
            return scanVariable(at: index)
        case UInt8(ascii: "_") where next == UInt8(ascii: "_"):
            if let end = WildcardName.end(in: bytes, at: index) {
                add(.wildcard, index..<end)
                return end
            }
            return index + 2
        default: break
        }
        return index + 1
    }

    private mutating func scanVariable(at index: Int) -> Int {
        var end = index + 2
        while end < bytes.count, WildcardName.isNameByte(bytes[end]) { end += 1 }
        add(.variable, index..<(index + 1))
        open.append(Open(token: add(.bracket, (index + 1)..<(index + 2)), byte: bytes[index + 1]))
        add(.variable, (index + 2)..<end)
        return end
    }

    private mutating func close(_ byte: UInt8, at index: Int) {
        let opening = byte == UInt8(ascii: ")") ? UInt8(ascii: "(") : byte - 2
        guard let last = open.last, last.byte == opening else {
            add(.unbalanced, index..<(index + 1))
            return
        }
        open.removeLast()
        add(.bracket, index..<(index + 1))
        for bar in last.bars { tokens[bar].range = widened(tokens[bar].range) }
        guard let colon = last.colons.last else { return }
        let number = String(decoding: bytes[(colon + 1)..<index].prefix(200), as: UTF8.self)
        let isNumber = PythonText.number(number[...].unicodeScalars) != nil
        switch opening {
        case UInt8(ascii: "("):
            if isNumber {
                add(.weight, colon..<index)
            } else if Self.looksLikeNumber(number) {
                add(.badWeight, colon..<index)
            }
        case UInt8(ascii: "[") where isNumber && last.colons.count <= 2:
            for colon in last.colons.dropLast() { add(.schedule, colon..<(colon + 1)) }
            add(.schedule, colon..<index)
        default: break
        }
    }

    private func widened(_ range: Range<Int>) -> Range<Int> {
        range.lowerBound..<(range.lowerBound + 1)
    }

    /// Whether somebody meant a number: digits with a slip, `nan`, `inf`.
    private static func looksLikeNumber(_ text: String) -> Bool {
        let word = text.lowercased().filter { !$0.isWhitespace && $0 != "+" && $0 != "-" }
        if ["nan", "inf", "infinity"].contains(word) { return true }
        return !word.isEmpty && word.allSatisfy { $0.isNumber || ".,e".contains($0) }
            && word.contains { $0.isNumber }
    }
}

extension [PromptToken] {
    /// Drops tokens that begin inside the one before.
    fileprivate func withoutOverlaps() -> [PromptToken] {
        reduce(into: []) { kept, token in
            if let last = kept.last, token.range.lowerBound < last.range.upperBound { return }
            kept.append(token)
        }
    }
}
