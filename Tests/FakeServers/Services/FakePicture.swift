import Foundation
import Generation
import Images
import Synchronization

/// Pictures that tell which request made them.
public enum FakePicture {
    /// File formats.
    public enum Format: Sendable { case png, jpeg }

    /// One colour per seed.
    public static func color(seed: UInt64) -> (red: UInt8, green: UInt8, blue: UInt8) {
        let mixed = seed &* 0x9E37_79B9_7F4A_7C15
        return (UInt8(mixed >> 56), UInt8(mixed >> 48 & 0xFF), UInt8(mixed >> 40 & 0xFF))
    }

    /// A picture in the colour of its seed.
    public static func image(width: Int, height: Int, seed: UInt64) -> PixelImage {
        PixelImage(width: width, height: height, filledWith: color(seed: seed))
    }

    /// The picture as a file.
    public static func bytes(
        width: Int, height: Int, seed: UInt64, as format: Format = .png
    ) -> [UInt8] {
        let image = image(width: width, height: height, seed: seed)
        switch format {
        case .jpeg: return (try? JPEGCodec.encode(image)) ?? []
        case .png: return (try? PNGCodec.encode(image, level: 1)) ?? []
        }
    }

    /// A picture that is as hard to compress as a photograph: gradients with noise. Made once.
    public static func detailed(
        width: Int, height: Int, seed: UInt64, as format: Format = .png
    ) -> (bytes: [UInt8], base64: String) {
        let name = "\(width)x\(height) \(seed) \(format)"
        if let known = drawn.withLock({ $0[name] }) { return known }
        var noise = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var rgb: [UInt8] = []
        rgb.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                noise ^= noise << 13
                noise ^= noise >> 7
                noise ^= noise << 17
                let grain = Int(noise & 15)
                rgb.append(UInt8((x * 200 / width + grain) & 255))
                rgb.append(UInt8((y * 200 / height + grain) & 255))
                rgb.append(UInt8(((x + y) * 100 / (width + height) + grain) & 255))
            }
        }
        let picture = PixelImage(width: width, height: height, rgb: rgb)
        let file = picture.flatMap { picture in
            format == .png
                ? try? PNGCodec.encode(picture, level: 1) : try? JPEGCodec.encode(picture)
        }
        let made = (file ?? [], encoded(file ?? []))
        drawn.withLock { $0[name] = made }
        return made
    }

    private static let drawn = Mutex<[String: (bytes: [UInt8], base64: String)]>([:])

    /// The file in base64.
    public static func base64(
        width: Int, height: Int, seed: UInt64, as format: Format = .png
    ) -> String {
        encoded(bytes(width: width, height: height, seed: seed, as: format))
    }

    /// Bytes in base64.
    public static func encoded(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// A PNG whose header claims a size that nobody can hold.
    public static func absurdlyLargePNG() -> [UInt8] {
        var bytes = bytes(width: 8, height: 8, seed: 1)
        // Width and height are the first eight bytes of IHDR; the CRC no longer fits, and a reader
        // that looks at sizes first refuses them before it looks at the CRC.
        bytes.replaceSubrange(16..<24, with: [0x00, 0x0F, 0xFF, 0xFF, 0x00, 0x0F, 0xFF, 0xFF])
        return bytes
    }
}
