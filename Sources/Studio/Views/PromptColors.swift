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
    init(_ field: PromptField) {
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
