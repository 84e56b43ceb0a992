import CJPEG
import Generation

#if canImport(Glibc)
    import Glibc
#endif

/// JPEG through libjpeg.
public enum JPEGCodec {
    /// The quality that ``encode(_:quality:)`` uses unless told otherwise: no visible loss, colour
    /// not subsampled.
    public static let defaultQuality = 95

    /// The library's name and version.
    public static var version: String { String(cString: cjpeg_version()) }

    /// The size of the upright picture.
    ///
    /// - Throws: ``ImageError`` when the header is damaged.
    public static func size(of bytes: [UInt8]) throws -> (width: Int, height: Int) {
        let header = try header(of: bytes)
        let (width, height) = (Int(header.width), Int(header.height))
        return header.orientation >= 5 ? (height, width) : (width, height)
    }

    /// Decodes gray, colour and CMYK pictures to 8-bit RGB, upright as EXIF's orientation says.
    ///
    /// - Throws: ``ImageError`` for damaged data or an early end, and before memory is taken for a
    ///   size that is too large.
    public static func decode(_ bytes: [UInt8]) throws -> PixelImage {
        let header = try header(of: bytes)
        let (width, height) = (Int(header.width), Int(header.height))
        try DecodingLimits.check(width: width, height: height)
        var status: Int32 = -1
        let size = width * height * 3
        var message = ""
        let rgb = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            message = withMessage { text in
                status = cjpeg_decode_rgb(bytes, bytes.count, buffer.baseAddress, size, text)
            }
            count = status == 0 ? size : 0
        }
        guard status == 0, let image = PixelImage(width: width, height: height, rgb: rgb) else {
            throw ImageError.damaged(format: .jpeg, reason: message)
        }
        return upright(image, orientation: header.orientation)
    }

    /// Encodes 8-bit RGB.
    ///
    /// - Parameter quality: 1 to 100.
    /// - Throws: ``ImageError/notEncoded(format:reason:)``, also for sides above 65535.
    public static func encode(_ image: PixelImage, quality: Int = defaultQuality) throws -> [UInt8]
    {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        var status: Int32 = -1
        let message = withMessage { text in
            status = cjpeg_encode_rgb(
                image.rgb, UInt32(image.width), UInt32(image.height),
                Int32(min(100, max(1, quality))), &bytes, &count, text)
        }
        defer { free(bytes) }
        guard status == 0, let bytes else {
            throw ImageError.notEncoded(format: .jpeg, reason: message)
        }
        return [UInt8](UnsafeBufferPointer(start: bytes, count: count))
    }

    private static func upright(_ image: PixelImage, orientation: Int32) -> PixelImage {
        guard (2...8).contains(orientation) else { return image }
        let rgb = [UInt8](unsafeUninitializedCapacity: image.rgb.count) { buffer, count in
            cjpeg_orient_rgb(
                image.rgb, UInt32(image.width), UInt32(image.height), orientation,
                buffer.baseAddress)
            count = image.rgb.count
        }
        let (width, height) =
            orientation >= 5 ? (image.height, image.width) : (image.width, image.height)
        return PixelImage(width: width, height: height, rgb: rgb) ?? image
    }

    private static func header(of bytes: [UInt8]) throws -> CJPEGHeader {
        var header = CJPEGHeader()
        var status: Int32 = -1
        let message = withMessage { text in
            status = cjpeg_read_header(bytes, bytes.count, &header, text)
        }
        guard status == 0 else { throw ImageError.damaged(format: .jpeg, reason: message) }
        return header
    }

    /// Runs a call that leaves a C message, and returns that message.
    private static func withMessage(_ body: (UnsafeMutablePointer<CChar>) -> Void) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CJPEG_MESSAGE_SIZE)) { buffer in
            buffer.initialize(repeating: 0)
            guard let text = buffer.baseAddress else { return "" }
            body(text)
            return String(cString: text)
        }
    }
}
