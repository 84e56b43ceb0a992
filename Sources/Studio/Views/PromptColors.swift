import Presets
import Screen

/// The role of every character of a prompt.
struct PromptColors {
    private let roles: [ThemeRole]
    private let boundaries: Set<Int>

    /// Texts above this many characters are shown without colours.
    private static let limit = 20_000

    static func roles(_ field: PromptField) -> PromptColors {
        PromptColors(
            roles: field.editor.characters.count > limit
                ? [] : PromptSyntax.roles(field.editor.characters),
            boundaries: Set(field.tokens?.boundaries ?? []))
    }

    func role(at index: Int) -> ThemeRole { roles.indices.contains(index) ? roles[index] : .text }

    /// Whether a chunk of 75 tokens begins here.
    func isBoundary(_ index: Int) -> Bool { boundaries.contains(index) }
}
