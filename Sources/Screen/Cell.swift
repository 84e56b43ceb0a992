/// One cell of the screen.
public struct Cell: Hashable, Sendable {
    /// What is printed: one base character and the marks that combine with it. Empty in the second
    /// cell of a wide character.
    public var text: String
    public var style: Style
    /// Columns that the character takes: 1 or 2; 0 marks the second cell of a wide one.
    public var width: UInt8

    /// A cell with a character of `width` columns.
    public init(text: String, style: Style, width: UInt8 = 1) {
        self.text = text
        self.style = style
        self.width = width
    }

    /// An empty cell.
    public static func blank(_ style: Style = Style()) -> Cell { Cell(text: " ", style: style) }
}
