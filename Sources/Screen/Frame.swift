/// A whole screen: what a view makes and a terminal shows.
public struct Frame: Hashable, Sendable {
    public var buffer: ScreenBuffer
    /// Where the terminal's cursor stands; nil hides it.
    public var cursor: Position?
    /// Where pictures belong.
    public var placements: [ImagePlacement]

    /// An empty screen.
    public init(size: Size, style: Style = Style()) {
        buffer = ScreenBuffer(size: size, style: style)
        placements = []
    }
}
