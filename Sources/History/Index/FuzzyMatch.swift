import Glibc

/// Letters in order, as fuzzy finders match them: `lths` finds "lighthouse".
enum FuzzyMatch {
    /// How well `pattern` fits into `text`: both folded; nil when it does not.
    ///
    /// The first letter begins a word and the others follow within eight letters per letter of the
    /// pattern, so that a long prompt does not match everything. Letters that follow each other and
    /// letters at the beginning of a word count more.
    static func score(_ pattern: [UInt8], in text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let first = pattern.first, let base = text.baseAddress else { return nil }
        var best: Int?
        var start = 0
        while start < text.count,
            let found = memchr(base + start, Int32(first), text.count - start)
        {
            let position = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            start = position + 1
            guard beginsWord(position, text),
                let score = score(pattern, in: text, startingAt: position)
            else { continue }
            best = max(best ?? score, score)
        }
        return best
    }

    private static func score(
        _ pattern: [UInt8], in text: UnsafeBufferPointer<UInt8>, startingAt start: Int
    ) -> Int? {
        let limit = min(text.count, start + 8 * pattern.count)
        var score = 6
        var previous = start
        var position = start + 1
        for letter in pattern.dropFirst() {
            while position < limit, text[position] != letter { position += 1 }
            guard position < limit else { return nil }
            if position == previous + 1 {
                score += 8
            } else {
                score += beginsWord(position, text) ? 6 : -min(3, position - previous - 1)
            }
            previous = position
            position += 1
        }
        return score
    }

    private static func beginsWord(_ position: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard position > 0 else { return true }
        let before = text[position - 1]
        return !((0x61...0x7A).contains(before) || (0x30...0x39).contains(before) || before >= 0x80)
    }
}
