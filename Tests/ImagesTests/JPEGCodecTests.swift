import Generation
import Images
import Testing

@Suite struct JPEGCodecTests {
    /// The colour in the middle of block (x, y) of `size` pixels.
    private static func block(_ image: PixelImage, _ x: Int, _ y: Int, _ size: Int) -> [Int] {
        let at = ((y * size + size / 2) * image.width + x * size + size / 2) * 3
        return image.rgb[at..<(at + 3)].map(Int.init)
    }

    private static func expectBlocks(
        _ image: PixelImage, size: Int, tolerance: Int,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(image.width == 8 * size && image.height == 6 * size, sourceLocation: location)
        guard image.width == 8 * size, image.height == 6 * size else { return }
        for y in 0..<6 {
            for x in 0..<8 {
                let found = block(image, x, y, size)
                let expected = ImageFixture.color(x, y).map(Int.init)
                let distance = zip(found, expected).map { abs($0 - $1) }.max() ?? 255
                #expect(distance <= tolerance, "block \(x),\(y)", sourceLocation: location)
            }
        }
    }

    /// Flat blocks of whole coding units change by the rounding of colour conversion only.
    @Test(arguments: ["color.jpg", "progressive.jpg", "cmyk.jpg"])
    func everyKindOfColourIsRead(_ name: String) throws {
        Self.expectBlocks(try JPEGCodec.decode(ImageFixture.bytes(name)), size: 16, tolerance: 4)
    }

    @Test func grayGivesEqualChannels() throws {
        let image = try JPEGCodec.decode(ImageFixture.bytes("gray.jpg"))
        for x in 0..<8 {
            let found = Self.block(image, x, 3, 16)
            #expect(found[0] == found[1] && found[1] == found[2])
            #expect(abs(found[0] - x * 32) <= 2)
        }
    }

    @Test(arguments: 2...8)
    func orientationIsApplied(_ orientation: Int) throws {
        let bytes = try ImageFixture.bytes("orientation-\(orientation).jpg")
        let image = try JPEGCodec.decode(bytes)
        Self.expectBlocks(image, size: 8, tolerance: 6)
        let size = try JPEGCodec.size(of: bytes)
        #expect(size == (64, 48))
    }

    @Test func whatIsWrittenReadsBackClosely() throws {
        let image = try JPEGCodec.decode(ImageFixture.bytes("color.jpg"))
        let bytes = try JPEGCodec.encode(image)
        #expect(ImageFormat(firstBytes: bytes) == .jpeg)
        let again = try JPEGCodec.decode(bytes)
        #expect(try #require(again.peakSignalToNoiseRatio(to: image)) > 40)
        let small = try JPEGCodec.encode(image, quality: 10)
        #expect(small.count < bytes.count)
    }

    @Test func everyTruncationIsAnError() throws {
        let bytes = try ImageFixture.bytes("color.jpg")
        for length in stride(from: 0, to: bytes.count - 2, by: 7) {
            #expect(throws: ImageError.self, "\(length) bytes") {
                try JPEGCodec.decode(Array(bytes[..<length]))
            }
        }
    }

    /// Whatever one byte is changed to, decoding ends with a picture or an error.
    @Test(arguments: ["orientation-6.jpg", "cmyk.jpg"])
    func everyDamagedByteEndsWell(_ name: String) throws {
        let bytes = try ImageFixture.bytes(name)
        for at in 0..<min(bytes.count, 900) {
            var damaged = bytes
            damaged[at] ^= 0xFF
            do {
                let image = try JPEGCodec.decode(damaged)
                #expect(image.rgb.count == image.width * image.height * 3)
            } catch is ImageError {}
        }
    }
}
