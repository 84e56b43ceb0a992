import Screen

/// A one-line text field: search, values, names.
public struct LineEditor: Hashable, Sendable {
    /// The editor behind it; line ends cannot be typed.
    public var editor: TextEditor

    public init(_ text: String = "") { editor = TextEditor(text) }

    public var text: String { editor.text }

    /// Handles the keys that edit a line.
    ///
    /// - Returns: false when the key means nothing here.
    public mutating func handle(_ key: KeyEvent) -> Bool {
        switch (key.key, key.modifiers) {
        case (.character(let character), []): editor.insert(String(character), isTyping: true)
        case (.backspace, []): editor.delete(.left)
        case (.backspace, .alt), (.character("w"), .control): editor.delete(.wordLeft, kills: true)
        case (.delete, []), (.character("d"), .control): editor.delete(.right)
        case (.character("u"), .control): editor.delete(.lineStart, kills: true)
        case (.character("k"), .control): editor.delete(.lineEnd, kills: true)
        case (.character("y"), .control): editor.yank()
        case (.left, []), (.character("b"), .control): editor.move(.left)
        case (.right, []), (.character("f"), .control): editor.move(.right)
        case (.left, .control), (.character("b"), .alt): editor.move(.wordLeft)
        case (.right, .control), (.character("f"), .alt): editor.move(.wordRight)
        case (.home, []), (.character("a"), .control): editor.move(.lineStart)
        case (.end, []), (.character("e"), .control): editor.move(.lineEnd)
        case (.character("_"), .control): editor.undo()
        default: return false
        }
        return true
    }

    /// Pastes a text; line ends become spaces.
    public mutating func paste(_ text: String) {
        editor.insert(String(text.map { $0.isNewline ? " " : $0 }))
    }
}
