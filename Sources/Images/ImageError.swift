import Generation

/// Why a picture could not be read or written.
public enum ImageError: UserFacingError, Hashable {
    /// Neither PNG nor JPEG; `found` names the format when it is recognised.
    case unknownFormat(found: String?)
    /// The data are damaged, in the words of the codec.
    case damaged(format: ImageFormat, reason: String)
    /// Larger than what is accepted, or larger than the data can hold.
    case tooLarge(width: Int, height: Int, reason: String)
    /// Memory or an internal limit ran out while encoding.
    case notEncoded(format: ImageFormat, reason: String)

    public var summary: String {
        switch self {
        case .unknownFormat(let found?):
            "A \(found) picture cannot be read"
        case .unknownFormat(nil):
            "The data are no picture that can be read"
        case .damaged(let format, let reason):
            "The \(format.name) data are damaged: \(printable(reason, limit: 200))"
        case .tooLarge(let width, let height, let reason):
            "A picture of \(width)x\(height) pixels is refused: \(reason)"
        case .notEncoded(let format, let reason):
            "The \(format.name) picture could not be encoded: \(printable(reason, limit: 200))"
        }
    }

    public var hint: String? {
        switch self {
        case .unknownFormat: "PNG and JPEG are read; convert it first"
        case .damaged: "fetch or export the file again"
        case .tooLarge, .notEncoded: nil
        }
    }
}
