/// A picture in the form that the terminal takes, with the cells that it covers.
public struct PlacedGraphic: Hashable, Sendable {
    /// Names the bytes: the same key at the same place needs no second transmission.
    public let key: String
    /// The cells that the bytes paint.
    public let area: Rect
    /// Written one after the other, each with the cursor at the top left of `area`; between them
    /// other things may be written.
    public let parts: [[UInt8]]
    /// Written to take the picture away where blanks do not (kitty); usually empty.
    public let removal: [UInt8]
    /// Ends a part in the middle so that the terminal goes on as if nothing had been (sixel); nil
    /// where a part has to be written to its end.
    public let cut: [UInt8]?
    /// Written when parts are left out (kitty, which waits for the rest); usually empty.
    public let abandonment: [UInt8]
    /// Pixels that it paints, where another picture on the same cells may paint fewer (sixel).
    public let pixels: Size

    public init(
        key: String, area: Rect, parts: [[UInt8]], removal: [UInt8] = [], cut: [UInt8]? = nil,
        abandonment: [UInt8] = [], pixels: Size = .zero
    ) {
        self.key = key
        self.area = area
        self.parts = parts
        self.removal = removal
        self.cut = cut
        self.abandonment = abandonment
        self.pixels = pixels
    }

    /// Whether nothing is left to be seen of another picture once this one is drawn over it.
    func covers(_ other: PlacedGraphic) -> Bool {
        area == other.area && pixels.width >= other.pixels.width
            && pixels.height >= other.pixels.height
    }

    /// A picture in one part.
    public init(key: String, area: Rect, bytes: [UInt8], removal: [UInt8] = []) {
        self.init(key: key, area: area, parts: [bytes], removal: removal)
    }

    /// Bytes of all parts.
    public var byteCount: Int { parts.reduce(0) { $0 + $1.count } }

    /// Compares keys and places; equal keys stand for equal bytes.
    public static func == (left: PlacedGraphic, right: PlacedGraphic) -> Bool {
        left.key == right.key && left.area == right.area
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(key)
        hasher.combine(area)
    }
}
