/// A mouse event at a cell.
public struct MouseEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        case press(Button), release(Button), drag(Button)
        case scrollUp, scrollDown
    }

    /// Buttons that are told apart.
    public enum Button: Hashable, Sendable {
        case left, middle, right
    }

    public var kind: Kind
    public var position: Position
    public var modifiers: KeyEvent.Modifiers

    public init(_ kind: Kind, at position: Position, modifiers: KeyEvent.Modifiers = []) {
        self.kind = kind
        self.position = position
        self.modifiers = modifiers
    }
}
