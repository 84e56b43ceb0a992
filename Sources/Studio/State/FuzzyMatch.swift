/// Where the letters of a search were found in a line.
public struct FuzzyMatch: Hashable, Sendable {
    /// Which line.
    public let index: Int
    /// Characters of the title that matched, in order.
    public let positions: [Int]
    let score: Int

    /// The lines that contain the query's letters in order, best first; an empty query finds all.
    static func search(_ query: String, in lines: [(title: String, detail: String)]) -> [FuzzyMatch]
    {
        let letters = Array(query.lowercased().filter { !$0.isWhitespace })
        guard !letters.isEmpty else {
            return lines.indices.map { FuzzyMatch(index: $0, positions: [], score: 0) }
        }
        let found = lines.indices.compactMap { index -> FuzzyMatch? in
            if let match = match(letters, lines[index].title) {
                return FuzzyMatch(index: index, positions: match.0, score: match.1)
            }
            let isInDetail = lines[index].detail.lowercased().contains(String(letters))
            return isInDetail ? FuzzyMatch(index: index, positions: [], score: -100) : nil
        }
        return found.sorted { ($0.score, $1.index) > ($1.score, $0.index) }
    }

    /// Positions and score: starts of words and runs of letters count most, late matches less.
    private static func match(_ letters: [Character], _ title: String) -> ([Int], Int)? {
        let characters = Array(title.lowercased())
        var positions: [Int] = []
        var score = 0
        var from = 0
        for letter in letters {
            let rest = characters.indices[from...]
            let startsWord = { (index: Int) in
                characters[index] == letter
                    && (index == 0
                        || !(characters[index - 1].isLetter || characters[index - 1].isNumber))
            }
            let next = from < characters.count && characters[from] == letter ? from : nil
            guard
                let found = (positions.isEmpty ? nil : next) ?? rest.first(where: startsWord)
                    ?? rest.first(where: { characters[$0] == letter })
            else { return nil }
            if startsWord(found) { score += 8 }
            if positions.last == found - 1 { score += 6 }
            positions.append(found)
            from = found + 1
        }
        return (positions, score - (positions.first ?? 0) - characters.count / 8)
    }
}
