import Studio

/// Counts the tokens of a prompt as the encoders will.
public protocol TokenCounter: Sendable {
    /// Tokens and chunk boundaries of a text. Called off the terminal's and the store's threads.
    func count(_ text: String) async -> PromptField.Tokens
}
