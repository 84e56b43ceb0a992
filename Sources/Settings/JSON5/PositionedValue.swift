/// A value of a JSON5 document that remembers its line, so that an error can name it.
public struct PositionedValue: Hashable, Sendable {
    /// One entry of an object, in the order of the document.
    public struct Member: Hashable, Sendable {
        public let key: String
        /// Line of the key, from 1.
        public let line: Int
        public let value: PositionedValue
    }

    /// What it is.
    public enum Content: Hashable, Sendable {
        case null
        case bool(Bool)
        case number(Double)
        case text(String)
        case list([PositionedValue])
        case object([Member])
    }

    /// What it is.
    public let content: Content
    /// Line where it starts, from 1.
    public let line: Int

    /// Its kind in words, for messages.
    public var kind: String {
        switch content {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .text: "a text"
        case .list: "a list"
        case .object: "an object"
        }
    }
}
