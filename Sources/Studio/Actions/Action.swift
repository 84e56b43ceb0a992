import Screen

/// Something that a person can do: declared once, used by keys, footer, help, palette and README.
public struct Action: Hashable, Sendable {
    /// A key in a scope.
    public struct Binding: Hashable, Sendable {
        public let scope: Scope
        public let key: KeyEvent

        public init(_ scope: Scope, _ key: KeyEvent) {
            self.scope = scope
            self.key = key
        }
    }

    public let id: ActionID
    /// Two or three words.
    public let title: String
    /// One sentence.
    public let help: String
    public let bindings: [Binding]
    /// Whether the palette lists it; motions of the cursor are not worth it.
    public let isInPalette: Bool

    /// An action with keys by name, each in one of `scopes`.
    init(
        _ id: ActionID, _ title: String, _ help: String, _ keys: [Scope: [String]],
        isInPalette: Bool = true
    ) {
        self.id = id
        self.title = title
        self.help = help
        self.isInPalette = isInPalette
        bindings = Scope.allCases.flatMap { scope in
            (keys[scope] ?? []).compactMap { KeyEvent(name: $0).map { Binding(scope, $0) } }
        }
    }
}
