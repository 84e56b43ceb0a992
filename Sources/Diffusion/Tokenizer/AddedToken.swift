/// A token that is found in the text as it stands, before words are cut: the special tokens, and
/// what a textual inversion adds.
public struct AddedToken: Hashable, Sendable {
    /// What stands in the text.
    public var content: String
    /// Its token.
    public var id: Int
    /// How many consecutive tokens from `id` on it stands for: the vectors of a textual inversion.
    public var count = 1
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

extension AddedToken {
    /// The word of a textual inversion as people write it: as it stands, whatever its case, and
    /// after ComfyUI's `embedding:`.
    ///
    /// A word of letters and digits is found only where none touches it.
    static func words(_ word: String, id: Int, count: Int) -> [AddedToken] {
        ["embedding:" + word, word].map { content in
            var token = AddedToken(content: content, id: id)
            token.count = count
            token.isNormalized = true
            token.isSingleWord = word.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
            return token
        }
    }
}
