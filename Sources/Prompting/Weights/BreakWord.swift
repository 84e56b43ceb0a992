/// Finds the word `BREAK` with the white space around it: `\s*\bBREAK\b\s*`.
enum BreakWord {
    struct Match: Hashable {
        /// The five letters.
        var word: Range<Int>
        /// The word and the white space around it.
        var whole: Range<Int>
    }

    private static let letters = Array("BREAK".utf8)

    /// All matches in a range of UTF-8 offsets, whose ends count as ends of words.
    static func matches(in bytes: [UInt8], _ range: Range<Int>) -> [Match] {
        var matches: [Match] = []
        var index = range.lowerBound
        var previousEnd = range.lowerBound
        while index + letters.count <= range.upperBound {
            guard bytes[index] == letters[0],
                bytes[index..<(index + letters.count)].elementsEqual(letters)
            else {
                index += 1
                continue
            }
            let word = index..<(index + letters.count)
            index = word.upperBound
            guard standsAlone(bytes, word, in: range) else { continue }
            var after = ScalarReader(bytes, from: word.upperBound, limit: range.upperBound)
            after.skip(PythonText.isSpace)
            let start = spaceStart(bytes, before: word.lowerBound, limit: previousEnd)
            matches.append(Match(word: word, whole: start..<after.index))
            previousEnd = after.index
        }
        return matches
    }

    private static func standsAlone(
        _ bytes: [UInt8], _ word: Range<Int>, in range: Range<Int>
    ) -> Bool {
        let after = ScalarReader(bytes, from: word.upperBound, limit: range.upperBound)
        if let scalar = after.peek, PythonText.isWord(scalar) { return false }
        let before = lastScalar(bytes, before: word.lowerBound, limit: range.lowerBound)
        return before.map { !PythonText.isWord($0.scalar) } ?? true
    }

    private static func spaceStart(_ bytes: [UInt8], before end: Int, limit: Int) -> Int {
        var start = end
        while let last = lastScalar(bytes, before: start, limit: limit),
            PythonText.isSpace(last.scalar)
        {
            start = last.offset
        }
        return start
    }

    private static func lastScalar(
        _ bytes: [UInt8], before end: Int, limit: Int
    ) -> (scalar: Unicode.Scalar, offset: Int)? {
        var start = end - 1
        guard start >= limit else { return nil }
        while start > limit, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return ScalarReader(bytes, from: start, limit: end).peek.map { ($0, start) }
    }
}
