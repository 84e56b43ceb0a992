/// A file format of pictures that is read and written.
public enum ImageFormat: String, Codable, CaseIterable, Sendable {
    case png, jpeg

    /// The name as people write it.
    public var name: String { rawValue.uppercased() }

    /// The usual file name extension, without the dot.
    public var fileExtension: String {
        switch self {
        case .png: "png"
        case .jpeg: "jpg"
        }
    }

    /// The format that a file name's extension names, in any case; nil for an unknown one.
    public init?(fileExtension: String) {
        switch fileExtension.lowercased() {
        case "png": self = .png
        case "jpg", "jpeg", "jpe", "jfif": self = .jpeg
        default: return nil
        }
    }

    /// The format that the first bytes of a file tell, whatever its name says; nil for another one.
    public init?(firstBytes bytes: some Collection<UInt8>) {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else {
            return nil
        }
    }

    /// The name of a picture format that is recognised but not read, for messages.
    static func unreadableName(firstBytes bytes: some Collection<UInt8>) -> String? {
        let head = Array(bytes.prefix(12))
        let signatures: [(name: String, offset: Int, bytes: String)] = [
            ("WebP", 8, "WEBP"), ("GIF", 0, "GIF8"), ("BMP", 0, "BM"), ("AVIF", 4, "ftypavif"),
            ("HEIC", 4, "ftypheic"), ("TIFF", 0, "II*\0"), ("TIFF", 0, "MM\0*"),
            ("JPEG XL", 4, "JXL "),
        ]
        return signatures.first { head.dropFirst($0.offset).starts(with: $0.bytes.utf8) }?.name
    }
}
