/// Zeros around a picture before a convolution.
public struct ConvolutionPadding: Sendable, Equatable {
    public var top: Int
    public var left: Int
    public var bottom: Int
    public var right: Int

    /// The same on all sides.
    public init(_ all: Int) { self.init(top: all, left: all, bottom: all, right: all) }

    /// Each side by itself: the VAE encoder's downsampling pads below and on the right only.
    public init(top: Int, left: Int, bottom: Int, right: Int) {
        self.top = top
        self.left = left
        self.bottom = bottom
        self.right = right
    }
}
