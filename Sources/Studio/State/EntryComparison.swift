import Generation

/// What differs between a history entry and the one that it was made from.
public struct EntryComparison: Hashable, Sendable {
    /// A stretch of a prompt that is in both entries, or in one of them.
    public struct Piece: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            case same, removed, added
        }

        public let kind: Kind
        public let text: String

        public init(_ kind: Kind, _ text: String) {
            self.kind = kind
            self.text = text
        }
    }

    /// A parameter that differs.
    public struct Change: Hashable, Sendable {
        public let field: RequestField
        /// Empty where it was left to the backend.
        public let old: String
        public let new: String

        public init(field: RequestField, old: String, new: String) {
            self.field = field
            self.old = old
            self.new = new
        }
    }

    /// The entry that is compared.
    public let entry: String
    /// The prompt word by word; empty when it is the same.
    public var prompt: [Piece] = []
    /// The negative prompt word by word; empty when it is the same.
    public var negative: [Piece] = []
    /// Parameters other than the two prompts.
    public var changes: [Change] = []

    public init(entry: String) { self.entry = entry }
}
