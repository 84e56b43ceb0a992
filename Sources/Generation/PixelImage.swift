/// A finished or preview picture: 8-bit RGB, rows from top to bottom, no padding between rows.
///
/// The only form in which pictures leave a generator; encoders, terminals and the journal's
/// `pixelsSHA256` all work on these bytes.
public struct PixelImage: Hashable, Sendable {
    /// Width in pixels, at least 1.
    public let width: Int
    /// Height in pixels, at least 1.
    public let height: Int
    /// `width * height * 3` bytes: red, green, blue of each pixel, row after row.
    public let rgb: [UInt8]

    /// Wraps bytes that are already in the layout of ``rgb``.
    ///
    /// - Returns: nil when the sizes are not positive or do not match the number of bytes.
    public init?(width: Int, height: Int, rgb: [UInt8]) {
        guard width > 0, height > 0, rgb.count == width * height * 3 else { return nil }
        self.width = width
        self.height = height
        self.rgb = rgb
    }

    /// A picture of one colour. Sizes below 1 become 1.
    public init(width: Int, height: Int, filledWith color: (red: UInt8, green: UInt8, blue: UInt8))
    {
        self.width = max(1, width)
        self.height = max(1, height)
        var bytes = [UInt8](repeating: 0, count: self.width * self.height * 3)
        for pixel in 0..<(self.width * self.height) {
            bytes[pixel * 3] = color.red
            bytes[pixel * 3 + 1] = color.green
            bytes[pixel * 3 + 2] = color.blue
        }
        rgb = bytes
    }
}
