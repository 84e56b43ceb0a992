/// A cell of the screen; (0, 0) is the top left one.
public struct Position: Hashable, Sendable {
    /// Column from 0.
    public var x: Int
    /// Row from 0.
    public var y: Int

    public init(x: Int, y: Int) {
        self.x = x
        self.y = y
    }
}
