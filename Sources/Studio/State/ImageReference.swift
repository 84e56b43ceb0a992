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
