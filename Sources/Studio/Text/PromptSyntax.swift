import Presets

/// The roles of a prompt's characters, by its syntax.
enum PromptSyntax {
    /// One role per character.
    static func roles(_ characters: [Character]) -> [ThemeRole] { [] }
}
