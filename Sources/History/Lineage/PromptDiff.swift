/// What changed between two prompts, word by word.
///
/// Weights and brackets are words of their own, so `(fox:1.2)` and `(fox:1.3)` differ in `:1.2`
/// only; scripts without spaces are compared character by character.
public enum PromptDiff {
    /// A stretch of text that is in both prompts, or in one of them.
    public struct Piece: Codable, Hashable, Sendable {
        public enum Kind: String, Codable, Sendable {
            case same, removed, added
        }

        public var kind: Kind
        public var text: String

        init(_ kind: Kind, _ text: String) {
            self.kind = kind
            self.text = text
        }
    }

    /// The pieces from `old` to `new`, in order. Same and removed pieces together are `old`, same
    /// and added ones `new`.
    public static func pieces(from old: String, to new: String) -> [Piece] {
        let (before, after) = (words(of: old), words(of: new))
        var pieces: [Piece] = []
        func add(_ kind: Piece.Kind, _ words: ArraySlice<Substring>) {
            guard !words.isEmpty else { return }
            if let last = pieces.last, last.kind == kind {
                pieces[pieces.count - 1].text += words.joined()
            } else {
                pieces.append(Piece(kind, words.joined()))
            }
        }
        var (oldIndex, newIndex) = (0, 0)
        for match in SequenceMatch.matches(before, after) {
            add(.removed, before[oldIndex..<match.old])
            add(.added, after[newIndex..<match.new])
            add(.same, before[match.old..<match.old + match.count])
            (oldIndex, newIndex) = (match.old + match.count, match.new + match.count)
        }
        add(.removed, before[oldIndex...])
        add(.added, after[newIndex...])
        return pieces
    }

    /// The words of a prompt; together they are the prompt.
    static func words(of text: String) -> [Substring] {
        var words: [Substring] = []
        var rest = text[...]
        while let first = rest.first {
            let end: Substring.Index
            if first.isWhitespace {
                end = rest.firstIndex { !$0.isWhitespace } ?? rest.endIndex
            } else if first == ":", rest.dropFirst().first?.isNumber == true {
                end =
                    rest.dropFirst().firstIndex { !$0.isNumber && $0 != "." } ?? rest.endIndex
            } else if isWordCharacter(first) {
                end = rest.firstIndex { !isWordCharacter($0) } ?? rest.endIndex
            } else {
                end = rest.index(after: rest.startIndex)
            }
            words.append(rest[..<end])
            rest = rest[end...]
        }
        return words
    }

    /// Letters and digits of scripts that separate words by spaces.
    private static func isWordCharacter(_ character: Character) -> Bool {
        guard character.isLetter || character.isNumber || character == "_" || character == "'"
        else { return false }
        // Kana, ideographs and Hangul up to U+D7FF, and everything beyond the first plane.
        let scalar = character.unicodeScalars.first?.value ?? 0
        return scalar < 0x2E80 || (0xD800..<0x10000).contains(scalar)
    }
}
