import Generation

/// A text that a picture file carries beside its pixels.
public struct TextEntry: Hashable, Sendable {
    /// PNG keyword, or `UserComment` (EXIF), `Comment` (JPEG), `XMP`, ...
    public var keyword: String
    /// The text as stored; untrusted.
    public var text: String

    /// A text under a keyword.
    public init(keyword: String, text: String) {
        self.keyword = keyword
        self.text = text
    }
}

/// What was found in a picture file without decoding its pixels.
struct ContainerTexts {
    var entries: [TextEntry] = []
    /// Size in pixels as the header says, when it does.
    var size: (width: Int, height: Int)?
    /// What could not be read, in words.
    var warnings: [String] = []
}

/// A picture file whose structure does not allow reading or writing texts.
public enum PictureFormatError: UserFacingError, Hashable {
    /// Not the signature of a format that is known.
    case unknownFormat
    /// The structure ends or contradicts itself at a byte offset.
    case damaged(at: Int)
    /// A keyword or text that the format cannot hold, with the reason.
    case unacceptableText(String)

    public var summary: String {
        switch self {
        case .unknownFormat: "The file is no PNG, JPEG or WebP picture"
        case .damaged(let offset): "The picture is damaged at byte \(offset)"
        case .unacceptableText(let reason): "The text cannot stand in a picture: \(reason)"
        }
    }

    public var hint: String? {
        switch self {
        case .unknownFormat: "the format is told from the first bytes, not from the name"
        case .damaged: "fetch or make it again"
        case .unacceptableText: nil
        }
    }
}
