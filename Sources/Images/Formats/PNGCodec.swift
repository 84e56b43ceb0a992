import CPNG
import Generation

#if canImport(Glibc)
    import Glibc
#endif

/// PNG through libpng.
public enum PNGCodec {
    /// What happens to transparency.
    public enum Alpha: Sendable {
        /// Pixels are composited on white.
        case overWhite
        /// The colour under the transparency is taken as it is.
        case ignored
        /// Pixels are composited on black: what a mask's transparency means.
        case overBlack

        fileprivate var code: CPNGAlpha {
            switch self {
            case .overWhite: CPNG_ALPHA_OVER_WHITE
            case .ignored: CPNG_ALPHA_IGNORED
            case .overBlack: CPNG_ALPHA_OVER_BLACK
            }
        }
    }

    /// libpng's version.
    public static var version: String { String(cString: cpng_version()) }

    /// The size that a PNG claims.
    ///
    /// - Throws: ``ImageError`` when the header is damaged.
    public static func size(of bytes: [UInt8]) throws -> (width: Int, height: Int) {
        let header = try header(of: bytes)
        return (Int(header.width), Int(header.height))
    }

    /// Decodes any PNG (palette, gray, alpha, 1 to 16 bits, interlaced) to 8-bit RGB.
    ///
    /// - Throws: ``ImageError`` for damaged data, and before memory is taken for a size that is
    ///   too large or that the data cannot hold.
    public static func decode(_ bytes: [UInt8], alpha: Alpha = .overWhite) throws -> PixelImage {
        let header = try header(of: bytes)
        let (width, height) = (Int(header.width), Int(header.height))
        try DecodingLimits.check(width: width, height: height)
        let bitsPerPixel = channels(ofColorType: header.color_type) * Int(header.bit_depth)
        let rawBytes = (width * bitsPerPixel + 7) / 8 * height
        guard rawBytes / DecodingLimits.maximumDeflateRatio <= bytes.count else {
            throw ImageError.tooLarge(
                width: width, height: height,
                reason: "the file's \(bytes.count) bytes cannot hold that many")
        }
        var status: Int32 = -1
        let size = width * height * 3
        var message = ""
        let rgb = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            message = withMessage { text in
                status = cpng_decode_rgb(
                    bytes, bytes.count, alpha.code, buffer.baseAddress, size, text)
            }
            count = status == 0 ? size : 0
        }
        guard status == 0, let image = PixelImage(width: width, height: height, rgb: rgb) else {
            throw ImageError.damaged(format: .png, reason: message)
        }
        return image
    }

    /// Encodes 8-bit RGB without metadata.
    ///
    /// - Parameter level: zlib's level, 1 (fast) to 9 (small).
    /// - Throws: ``ImageError/notEncoded(format:reason:)``.
    public static func encode(_ image: PixelImage, level: Int = 6) throws -> [UInt8] {
        try encode(image.rgb, channels: 3, image.width, image.height, level: level)
    }

    /// Encodes a picture in the upper left corner of a larger one that is transparent elsewhere;
    /// 8-bit RGB where nothing is left over.
    ///
    /// - Throws: ``ImageError/notEncoded(format:reason:)``.
    public static func encode(
        _ image: PixelImage, filledUpTo size: (width: Int, height: Int), level: Int = 6
    ) throws -> [UInt8] {
        let width = max(image.width, size.width)
        let height = max(image.height, size.height)
        if width == image.width, height == image.height { return try encode(image, level: level) }
        var pixels = [UInt8](repeating: 0, count: width * height * 4)
        for y in 0..<image.height {
            for x in 0..<image.width {
                let source = (y * image.width + x) * 3
                let target = (y * width + x) * 4
                for channel in 0..<3 {
                    pixels[target + channel] = image.rgb[source + channel]
                }
                pixels[target + 3] = 255
            }
        }
        return try encode(pixels, channels: 4, width, height, level: level)
    }

    /// Encodes a gray picture whose opacity is the opposite of its value: white is transparent,
    /// black is opaque. A mask in this form reads "repaint here" both to those who look at the
    /// colour and to those who look at the transparency.
    ///
    /// - Throws: ``ImageError/notEncoded(format:reason:)``.
    public static func encode(transparentWhere mask: GrayImage) throws -> [UInt8] {
        let pixels = mask.values.flatMap { [$0, $0, $0, 255 - $0] }
        return try encode(pixels, channels: 4, mask.width, mask.height, level: 6)
    }

    private static func encode(
        _ pixels: [UInt8], channels: Int32, _ width: Int, _ height: Int, level: Int
    ) throws -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        var status: Int32 = -1
        let message = withMessage { text in
            status = cpng_encode(
                pixels, channels, UInt32(width), UInt32(height), Int32(min(9, max(1, level))),
                &bytes, &count, text)
        }
        defer { free(bytes) }
        guard status == 0, let bytes else {
            throw ImageError.notEncoded(format: .png, reason: message)
        }
        return [UInt8](UnsafeBufferPointer(start: bytes, count: count))
    }

    private static func header(of bytes: [UInt8]) throws -> CPNGHeader {
        var header = CPNGHeader()
        var status: Int32 = -1
        let message = withMessage { text in
            status = cpng_read_header(bytes, bytes.count, &header, text)
        }
        guard status == 0 else { throw ImageError.damaged(format: .png, reason: message) }
        return header
    }

    private static func channels(ofColorType type: Int32) -> Int {
        switch type {
        case 2: 3
        case 4: 2
        case 6: 4
        default: 1
        }
    }

    /// Runs a call that leaves a C message, and returns that message.
    private static func withMessage(_ body: (UnsafeMutablePointer<CChar>) -> Void) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CPNG_MESSAGE_SIZE)) { buffer in
            buffer.initialize(repeating: 0)
            guard let text = buffer.baseAddress else { return "" }
            body(text)
            return String(cString: text)
        }
    }
}
