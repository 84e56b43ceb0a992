import Generation

/// An 8-bit gray picture: a mask.
public struct GrayImage: Hashable, Sendable {
    /// Width in pixels, at least 1.
    public let width: Int
    /// Height in pixels, at least 1.
    public let height: Int
    /// `width * height` values, row after row; 255 is white.
    public var values: [UInt8]

    /// Wraps values, or nil when their number does not match.
    public init?(width: Int, height: Int, values: [UInt8]) {
        guard width > 0, height > 0, values.count == width * height else { return nil }
        self.width = width
        self.height = height
        self.values = values
    }

    /// A picture of one value.
    public init(width: Int, height: Int, filledWith value: UInt8) {
        self.width = max(1, width)
        self.height = max(1, height)
        values = [UInt8](repeating: value, count: self.width * self.height)
    }

    /// The luma (ITU-R 601-2) of a picture, with Pillow's rounding.
    public init(_ picture: PixelImage) {
        width = picture.width
        height = picture.height
        values = picture.rgb.withUnsafeBufferPointer { rgb in
            (0..<(rgb.count / 3)).map { pixel in
                let red = Int(rgb[pixel * 3]) * 19595
                let green = Int(rgb[pixel * 3 + 1]) * 38470
                let blue = Int(rgb[pixel * 3 + 2]) * 7471
                return UInt8((red + green + blue + 0x8000) >> 16)
            }
        }
    }

    /// The value at a pixel.
    public subscript(x x: Int, y y: Int) -> UInt8 {
        get { values[y * width + x] }
        set { values[y * width + x] = newValue }
    }

    /// The part that a rectangle covers; it must lie inside.
    public func cropped(_ area: PixelArea) -> GrayImage {
        let rows = area.rows.flatMap {
            values[($0 * width + area.left)..<($0 * width + area.right)]
        }
        return GrayImage(width: area.width, height: area.height, values: rows) ?? self
    }

    /// Another size by a Lanczos filter, as Pillow's `LANCZOS`.
    public func resampled(width: Int, height: Int) -> GrayImage {
        let plane = ResamplingFilter.lanczos.resample(
            .init(width: self.width, height: self.height, channels: 1, bytes: values),
            width: max(1, width), height: max(1, height))
        return GrayImage(width: plane.width, height: plane.height, values: plane.bytes) ?? self
    }
}
