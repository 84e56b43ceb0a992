/// Finds added tokens in a text: leftmost first, of two at one place the longer.
struct AddedTokenMatcher: Sendable {
    /// A stretch of text: an added token, or what lies between two.
    struct Piece: Hashable {
        var range: Range<Int>
        /// The added token, or nil for ordinary text.
        var id: Int?
        /// Tokens from `id` on.
        var count = 1
    }

    private struct Pattern: Sendable {
        var scalars: [UInt32]
        var token: AddedToken
    }

    /// By first scalar, the longest first.
    private var patterns: [UInt32: [Pattern]] = [:]

    /// - Parameter tokens: those whose `isNormalized` agrees with the text that will be searched;
    ///   normalised ones are compared by their normalised content.
    init(_ tokens: [AddedToken]) {
        for token in tokens {
            var text = ScalarText(token.content)
            if token.isNormalized { text = text.normalized(0..<text.count) }
            guard let first = text.scalars.first else { continue }
            var same = patterns[first] ?? []
            same.removeAll { $0.scalars == text.scalars }
            same.append(Pattern(scalars: text.scalars, token: token))
            same.sort { $0.scalars.count > $1.scalars.count }
            patterns[first] = same
        }
    }

    /// Cuts a range of `text` into added tokens and the text between them, in order.
    func split(_ text: ScalarText, _ range: Range<Int>) -> [Piece] {
        guard !patterns.isEmpty else { return [Piece(range: range, id: nil)] }
        var pieces: [Piece] = []
        var pieceStart = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            guard let pattern = match(text, at: index, limit: range.upperBound) else {
                index += 1
                continue
            }
            let end = index + pattern.scalars.count
            guard !pattern.token.isSingleWord || standsAlone(text, index..<end, in: range) else {
                index = end
                continue
            }
            let found = widened(
                index..<end, pattern.token, text, within: pieceStart..<range.upperBound)
            if found.lowerBound > pieceStart {
                pieces.append(Piece(range: pieceStart..<found.lowerBound, id: nil))
            }
            pieces.append(
                Piece(range: found, id: pattern.token.id, count: pattern.token.count))
            pieceStart = found.upperBound
            index = found.upperBound
        }
        if pieceStart < range.upperBound {
            pieces.append(Piece(range: pieceStart..<range.upperBound, id: nil))
        }
        return pieces
    }

    private func match(_ text: ScalarText, at index: Int, limit: Int) -> Pattern? {
        guard let candidates = patterns[text.scalars[index]] else { return nil }
        return candidates.first {
            index + $0.scalars.count <= limit
                && text.scalars[index..<(index + $0.scalars.count)].elementsEqual($0.scalars)
        }
    }

    private func standsAlone(_ text: ScalarText, _ match: Range<Int>, in range: Range<Int>) -> Bool
    {
        let before = match.lowerBound - 1
        let after = match.upperBound
        let touchesBefore = before >= range.lowerBound && ScalarClass.isWord(text.scalars[before])
        let touchesAfter = after < range.upperBound && ScalarClass.isWord(text.scalars[after])
        return !touchesBefore && !touchesAfter
    }

    private func widened(
        _ match: Range<Int>, _ token: AddedToken, _ text: ScalarText, within limits: Range<Int>
    ) -> Range<Int> {
        var start = match.lowerBound
        var end = match.upperBound
        if token.stripsLeft {
            while start > limits.lowerBound, ScalarClass.isSpace(text.scalars[start - 1]) {
                start -= 1
            }
        }
        if token.stripsRight {
            while end < limits.upperBound, ScalarClass.isSpace(text.scalars[end]) { end += 1 }
        }
        return start..<end
    }
}
