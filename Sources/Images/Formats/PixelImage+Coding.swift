import Generation

extension PixelImage {
    /// Decodes a PNG or JPEG, told apart by their first bytes.
    ///
    /// - Throws: ``ImageError``.
    public init(decoding bytes: [UInt8], alpha: PNGCodec.Alpha = .overWhite) throws {
        switch ImageFormat(firstBytes: bytes.prefix(16)) {
        case .png: self = try PNGCodec.decode(bytes, alpha: alpha)
        case .jpeg: self = try JPEGCodec.decode(bytes)
        case nil:
            throw ImageError.unknownFormat(
                found: ImageFormat.unreadableName(firstBytes: bytes.prefix(16)))
        }
    }

    /// The picture as a file's bytes, without metadata.
    ///
    /// - Throws: ``ImageError/notEncoded(format:reason:)``.
    public func encoded(as format: ImageFormat) throws -> [UInt8] {
        switch format {
        case .png: try PNGCodec.encode(self)
        case .jpeg: try JPEGCodec.encode(self)
        }
    }
}
