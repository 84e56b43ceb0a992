/// A sentence in the status line until the next key.
public struct StatusMessage: Hashable, Sendable {
    /// How it is coloured.
    public enum Kind: Hashable, Sendable {
        case information, success, warning, problem
    }

    public let kind: Kind
    public let text: String

    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}
