import Generation
import Images
import Testing

@Suite struct PNGCodecTests {
    @Test(arguments: ["rgb.png", "rgb16.png", "palette.png", "interlaced.png"])
    func everyKindOfColourGivesTheSamePixels(_ name: String) throws {
        #expect(try PNGCodec.decode(ImageFixture.bytes(name)) == ImageFixture.image)
    }

    @Test func grayGivesEqualChannels() throws {
        let image = try PNGCodec.decode(ImageFixture.bytes("gray.png"))
        for x in 0..<8 {
            #expect(
                Array(image.rgb[(x * 3)..<(x * 3 + 3)]) == Array(repeating: UInt8(x * 32), count: 3)
            )
        }
    }

    @Test func oneBitGivesBlackAndWhite() throws {
        let image = try PNGCodec.decode(ImageFixture.bytes("one-bit.png"))
        let reds = (0..<8).map { image.rgb[$0 * 3] }
        #expect(reds == [0, 0, 0, 0, 255, 255, 255, 255])
    }

    @Test func alphaIsCompositedOnWhiteOrIgnored() throws {
        let bytes = try ImageFixture.bytes("rgba.png")
        let image = try ImageFixture.image
        #expect(try PNGCodec.decode(bytes, alpha: .ignored) == image)
        let onWhite = try PNGCodec.decode(bytes)
        for at in image.rgb.indices {
            let alpha = Double(at / 3 % 8 * 36)
            let expected = (Double(image.rgb[at]) * alpha + 255 * (255 - alpha)) / 255
            #expect(abs(Double(onWhite.rgb[at]) - expected) <= 0.5)
        }
    }

    @Test func aTransparentPaletteEntryAndGrayWithAlphaCount() throws {
        let palette = try PNGCodec.decode(ImageFixture.bytes("palette-transparent.png"))
        #expect(Array(palette.rgb[0..<3]) == [127, 127, 255])
        #expect(Array(palette.rgb[3...]) == Array(try ImageFixture.image.rgb[3...]))
        let gray = try PNGCodec.decode(ImageFixture.bytes("gray-alpha.png"))
        #expect(Array(gray.rgb[0..<6]) == [191, 191, 191, 199, 199, 199])
    }

    @Test(arguments: [(1, 1), (3, 5), (64, 64), (257, 3), (1, 300)])
    func whatIsWrittenReadsBack(_ width: Int, _ height: Int) throws {
        var generator = SystemRandomNumberGenerator()
        let rgb = (0..<(width * height * 3)).map { _ in UInt8.random(in: 0...255, using: &generator)
        }
        let image = try #require(PixelImage(width: width, height: height, rgb: rgb))
        for level in [1, 6, 9] {
            #expect(try PNGCodec.decode(PNGCodec.encode(image, level: level)) == image)
        }
    }

    @Test func everyTruncationIsAnErrorThatSaysSo() throws {
        let bytes = try ImageFixture.bytes("interlaced.png")
        for length in 0..<bytes.count {
            #expect(throws: ImageError.self, "\(length) bytes") {
                try PNGCodec.decode(Array(bytes[..<length]))
            }
        }
    }

    /// Whatever one byte is changed to, decoding ends with a picture or an error.
    @Test func everyDamagedByteEndsWell() throws {
        for name in ["palette-transparent.png", "rgba.png"] {
            let bytes = try ImageFixture.bytes(name)
            for at in bytes.indices {
                var damaged = bytes
                damaged[at] ^= 0xFF
                do {
                    let image = try PNGCodec.decode(damaged)
                    #expect(image.width == 8 && image.height == 6)
                } catch is ImageError {}
            }
        }
    }

    @Test func aHugeClaimIsRefusedBeforeMemoryIsTaken() throws {
        var bytes = try ImageFixture.bytes("rgb.png")
        // Width and height of IHDR, and its checksum.
        func claim(_ width: UInt32, _ height: UInt32) {
            let values = [width, height].flatMap { value in
                (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
            }
            bytes.replaceSubrange(16..<24, with: values)
            let sum = crc(bytes[12..<29])
            bytes.replaceSubrange(
                29..<33,
                with: (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32($0))) })
        }
        claim(16384, 16384)
        #expect(
            throws: ImageError.tooLarge(
                width: 16384, height: 16384,
                reason: "the file's \(bytes.count) bytes cannot hold that many")
        ) { try PNGCodec.decode(bytes) }
        claim(20000, 4)
        #expect(
            throws: ImageError.tooLarge(
                width: 20000, height: 4, reason: "at most 16384 pixels on a side are read")
        ) { try PNGCodec.decode(bytes) }
        claim(0, 4)
        #expect(throws: ImageError.self) { try PNGCodec.decode(bytes) }
        claim(0x7FFF_FFFF, 0x7FFF_FFFF)
        #expect(throws: ImageError.self) { try PNGCodec.decode(bytes) }
    }

    /// PNG's checksum, CRC-32.
    private func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in
                value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
            }
        }
    }
}
