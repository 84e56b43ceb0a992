/// A rectangle of cells; its size is never negative.
public struct Rect: Hashable, Sendable {
    public var x: Int
    public var y: Int
    /// Columns.
    public private(set) var width: Int
    /// Rows.
    public private(set) var height: Int

    /// Negative extents become 0.
    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = max(0, width)
        self.height = max(0, height)
    }

    /// The rectangle of a whole screen.
    public init(_ size: Size) {
        self.init(x: 0, y: 0, width: size.width, height: size.height)
    }

    /// No cells.
    public static let zero = Rect(x: 0, y: 0, width: 0, height: 0)

    /// First column to the right of it.
    public var maxX: Int { x + width }
    /// First row below it.
    public var maxY: Int { y + height }
    public var size: Size { Size(width: width, height: height) }
    public var isEmpty: Bool { width == 0 || height == 0 }

    /// Whether the cell lies inside.
    public func contains(_ position: Position) -> Bool {
        position.x >= x && position.x < maxX && position.y >= y && position.y < maxY
    }

    /// The common part, empty when there is none.
    public func intersection(_ other: Rect) -> Rect {
        let left = max(x, other.x)
        let top = max(y, other.y)
        return Rect(
            x: left, y: top, width: min(maxX, other.maxX) - left,
            height: min(maxY, other.maxY) - top)
    }

    /// Whether both have a cell in common.
    public func intersects(_ other: Rect) -> Bool { !intersection(other).isEmpty }

    /// The rectangle without `dx` columns at each side and `dy` rows at top and bottom.
    public func inset(dx: Int, dy: Int) -> Rect {
        Rect(x: x + dx, y: y + dy, width: width - 2 * dx, height: height - 2 * dy)
    }

    /// The first `count` rows (at most all), and the rest below them.
    public func splitTop(_ count: Int) -> (top: Rect, rest: Rect) {
        let rows = max(0, min(count, height))
        return (
            Rect(x: x, y: y, width: width, height: rows),
            Rect(x: x, y: y + rows, width: width, height: height - rows)
        )
    }

    /// The first `count` columns (at most all), and the rest to their right.
    public func splitLeft(_ count: Int) -> (left: Rect, rest: Rect) {
        let columns = max(0, min(count, width))
        return (
            Rect(x: x, y: y, width: columns, height: height),
            Rect(x: x + columns, y: y, width: width - columns, height: height)
        )
    }

    /// A rectangle of `size`, cut to fit, in the middle of this one.
    public func centered(_ size: Size) -> Rect {
        let columns = min(size.width, width)
        let rows = min(size.height, height)
        return Rect(
            x: x + (width - columns) / 2, y: y + (height - rows) / 2, width: columns, height: rows)
    }
}
