/// A rectangle of pixels, right and bottom excluded.
public struct PixelArea: Hashable, Sendable {
    public var left: Int
    public var top: Int
    public var right: Int
    public var bottom: Int

    /// From the left and top pixel to behind the right and bottom one.
    public init(left: Int, top: Int, right: Int, bottom: Int) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }

    /// A whole picture.
    public init(width: Int, height: Int) {
        self.init(left: 0, top: 0, right: width, bottom: height)
    }

    public var width: Int { right - left }
    public var height: Int { bottom - top }
    public var rows: Range<Int> { top..<bottom }
}
