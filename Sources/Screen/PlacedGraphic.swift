/// A picture in the form that the terminal takes, with the cells that it covers.
public struct PlacedGraphic: Hashable, Sendable {
    /// Names the bytes: the same key at the same place needs no second transmission.
    public let key: String
    /// The cells that the bytes paint.
    public let area: Rect
    /// Written with the cursor at the top left of `area`.
    public let bytes: [UInt8]
    /// Written to take the picture away where blanks do not (kitty); usually empty.
    public let removal: [UInt8]

    public init(key: String, area: Rect, bytes: [UInt8], removal: [UInt8] = []) {
        self.key = key
        self.area = area
        self.bytes = bytes
        self.removal = removal
    }

    /// Compares keys and places; equal keys stand for equal bytes.
    public static func == (left: PlacedGraphic, right: PlacedGraphic) -> Bool {
        left.key == right.key && left.area == right.area
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(key)
        hasher.combine(area)
    }
}
