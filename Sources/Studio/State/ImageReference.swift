/// A picture that the runtime keeps; the state holds only its name and size.
public struct ImageReference: Hashable, Sendable {
    /// Names the pixels; other pixels have another name.
    public let id: String
    /// Pixels.
    public let width: Int
    /// Pixels.
    public let height: Int

    public init(id: String, width: Int, height: Int) {
        self.id = id
        self.width = width
        self.height = height
    }
}

/// A picture with the place in the history that it comes from.
public struct PictureOrigin: Hashable, Sendable {
    public let image: ImageReference
    /// The history entry whose file it is; nil: only the pixels are known.
    public let entry: String?
    /// Which picture of the entry.
    public let index: Int

    public init(_ image: ImageReference, entry: String? = nil, index: Int = 0) {
        self.image = image
        self.entry = entry
        self.index = index
    }
}
