/// A stretch of a prompt that means something beyond its words, for highlighting.
public struct PromptToken: Hashable, Sendable {
    /// What it means.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A bracket that has its partner: `( ) [ ] { }`.
        case bracket
        /// `:1.2` before a closing bracket.
        case weight
        /// A bracket without partner; it counts as text or reaches to the end.
        case unbalanced
        /// A weight that is no number, such as `:nan`.
        case badWeight
        /// `\(` and the like.
        case escape
        /// `BREAK`.
        case breakWord
        /// `<lora:name:0.8>`.
        case lora
        /// `__name__`.
        case wildcard
        /// `|`, `$$` and `2::` inside braces, `|` inside square brackets.
        case separator
        /// `${name}` and `${name=value}`: the dollar sign and the name.
        case variable
        /// `:0.4` before a closing square bracket, and the colon before it.
        case schedule
    }

    /// What it means.
    public var kind: Kind
    /// UTF-8 offsets in the prompt.
    public var range: Range<Int>
}

/// Something in a prompt that is probably not meant.
public struct PromptProblem: Hashable, Sendable {
    /// UTF-8 offsets in the prompt.
    public var range: Range<Int>
    /// One sentence.
    public var message: String
}
