/// A token that is found in the text as it stands, before words are cut: the special tokens, and
/// what a textual inversion adds.
public struct AddedToken: Hashable, Sendable {
    /// What stands in the text.
    public var content: String
    /// Its token.
    public var id: Int
    /// Whether the normalised (lower-case) text is searched rather than the text as typed.
    public var isNormalized = false
    /// Whether it is found only where no word character touches it.
    public var isSingleWord = false
    /// Whether white space before it belongs to it.
    public var stripsLeft = false
    /// Whether white space after it belongs to it.
    public var stripsRight = false

    /// A token found in the text as typed, also inside words.
    public init(content: String, id: Int) {
        self.content = content
        self.id = id
    }
}
