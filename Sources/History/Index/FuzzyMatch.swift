/// Letters in order, as fuzzy finders match them.
enum FuzzyMatch {
    /// How well `pattern` fits into `text`: both folded; nil when a letter is missing.
    ///
    /// Letters that follow each other and letters at the beginning of a word count more.
    static func score(_ pattern: [UInt8], in text: UnsafeBufferPointer<UInt8>) -> Int? {
        var score = 0
        var position = 0
        var previous = -2
        for letter in pattern {
            while position < text.count, text[position] != letter { position += 1 }
            guard position < text.count else { return nil }
            if position == previous + 1 { score += 8 }
            if position == 0 || !isWord(text[position - 1]) { score += 6 }
            score -= min(3, position - previous - 1)
            previous = position
            position += 1
        }
        return score
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte >= 0x80
    }
}
