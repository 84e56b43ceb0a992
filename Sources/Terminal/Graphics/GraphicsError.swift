import Generation

/// Why a picture could not be encoded for a terminal.
public enum GraphicsError: UserFacingError, Hashable {
    /// libsixel's own words.
    case sixel(String)

    public var summary: String {
        switch self {
        case .sixel(let reason): "The picture could not be encoded as sixel: \(printable(reason))"
        }
    }

    public var hint: String? { "choose another way with --graphics" }
}
