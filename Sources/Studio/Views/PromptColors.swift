import Presets
import Prompting
import Screen

/// The role of every character of a prompt, by its syntax.
struct PromptColors {
    /// Texts above this many characters are shown without colours.
    private static let limit = 20_000

    private var roles: [ThemeRole]
    private let boundaries: Set<Int>

    /// Reads the text of a field.
    ///
    /// - Parameters:
    ///   - vocabulary: the words that the model knows; others are marked. Nil: none are.
    ///   - isTyping: whether the word at the cursor may still be unfinished.
    init(_ field: PromptField, vocabulary: Set<String>? = nil, isTyping: Bool = false) {
        let characters = field.editor.characters
        boundaries = Set(field.tokens?.boundaries ?? [])
        guard characters.count <= Self.limit else {
            roles = []
            return
        }
        roles = [ThemeRole](repeating: .text, count: characters.count)
        let tokens = PromptSyntax.tokens(of: field.editor.text)
        var (index, offset) = (0, 0)
        for token in tokens {
            while index < characters.count, offset < token.range.lowerBound {
                offset += characters[index].utf8.count
                index += 1
            }
            while index < characters.count, offset < token.range.upperBound {
                roles[index] = Self.role(token.kind)
                offset += characters[index].utf8.count
                index += 1
            }
        }
        if let vocabulary {
            markUnknown(characters, vocabulary, cursor: isTyping ? field.editor.cursor : nil)
        }
    }

    /// Marks the words that are not in the vocabulary, except the one that is being typed. A name
    /// of the vocabulary may join several words by hyphens or underscores.
    private mutating func markUnknown(
        _ characters: [Character], _ vocabulary: Set<String>, cursor: Int?
    ) {
        var index = 0
        while index < characters.count {
            let start = index
            let name = end(of: characters, from: start) { $0.isWord || $0 == "-" || $0 == "_" }
            if vocabulary.contains(String(characters[start..<name]).lowercased()) {
                index = max(name, start + 1)
                continue
            }
            index = end(of: characters, from: start) { $0.isWord }
            if index == start {
                index += 1
            } else if index != cursor,
                !vocabulary.contains(String(characters[start..<index]).lowercased())
            {
                for position in start..<index { roles[position] = .promptUnknown }
            }
        }
    }

    /// The end of the plain text from `start` on whose characters all fit.
    private func end(
        of characters: [Character], from start: Int, _ fits: (Character) -> Bool
    ) -> Int {
        var index = start
        while index < characters.count, roles[index] == .text, fits(characters[index]) {
            index += 1
        }
        return index
    }

    func role(at index: Int) -> ThemeRole { roles.indices.contains(index) ? roles[index] : .text }

    /// Whether a chunk of 75 tokens begins here.
    func isBoundary(_ index: Int) -> Bool { boundaries.contains(index) }

    private static func role(_ kind: PromptToken.Kind) -> ThemeRole {
        switch kind {
        case .bracket, .escape: .promptBracket
        case .weight, .schedule: .promptWeight
        case .unbalanced, .badWeight: .promptError
        case .breakWord, .separator: .promptKeyword
        case .lora: .promptLoRA
        case .wildcard, .variable: .promptWildcard
        }
    }
}

extension Character {
    fileprivate var isWord: Bool { isLetter || isNumber }
}
