/// Along which axes a convolution sees the opposite edge of a picture instead of zeros: seamless
/// pictures, as `padding_mode="circular"` of PyTorch.
public struct ConvolutionWrap: Hashable, Sendable {
    /// Left and right edges meet.
    public var horizontal: Bool
    /// Top and bottom edges meet.
    public var vertical: Bool

    /// Chooses the axes; none: zeros on all sides.
    public init(horizontal: Bool = false, vertical: Bool = false) {
        self.horizontal = horizontal
        self.vertical = vertical
    }
}
