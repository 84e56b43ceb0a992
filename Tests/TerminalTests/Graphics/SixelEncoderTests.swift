import Generation
import Images
import Terminal
import Testing

@Suite struct SixelEncoderTests {
    /// Diagonal stripes of eight colours that a sixel's percentages hit within one step.
    static func stripes(width: Int, height: Int) throws -> PixelImage {
        var rgb: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let stripe = (x / 3 + y / 2) % 8
                rgb += [0, 1, 2].map { stripe >> $0 & 1 == 1 ? 255 : 51 }
            }
        }
        return try #require(PixelImage(width: width, height: height, rgb: rgb))
    }

    @Test func registerZeroCanBeKeptForWhatStandsAround() throws {
        let image = try Self.stripes(width: 61, height: 42)
        var encoder = SixelEncoder()
        let plain = try encoder.encode(image, width: 61, height: 42)
        encoder.ground = .init(red: 255, green: 0, blue: 51)
        let grounded = try encoder.encode(image, width: 61, height: 42)
        let text = String(decoding: grounded.bytes, as: UTF8.self)
        #expect(text.contains("#0;2;100;0;20#1;2;"))
        #expect(text.split(separator: "#0", omittingEmptySubsequences: false).count == 2)
        let (before, after) = (
            try #require(SixelDecoder(plain.bytes)), try #require(SixelDecoder(grounded.bytes))
        )
        for y in 0..<42 {
            for x in 0..<61 {
                let (old, new) = (before.color(x, y), after.color(x, y))
                #expect(old?.red == new?.red && old?.green == new?.green && old?.blue == new?.blue)
            }
        }
    }

    @Test(arguments: [(60, 36), (61, 42), (7, 6), (1, 6), (250, 66), (13, 12)])
    func whatIsEncodedDecodesToTheSamePixels(_ width: Int, _ height: Int) throws {
        let image = try Self.stripes(width: width, height: height)
        let encoded = try SixelEncoder().encode(image, width: width, height: height)
        #expect(encoded.width == width)
        #expect(encoded.height == height)
        let decoded = try #require(SixelDecoder(encoded.bytes))
        #expect(decoded.width == width)
        #expect(decoded.height == height)
        #expect(decoded.aspect == (1, 1))
        for y in 0..<height {
            for x in 0..<width {
                let color = try #require(decoded.color(x, y), "pixel \(x),\(y) is drawn")
                let at = (y * width + x) * 3
                let expected = image.rgb[at..<(at + 3)].map(Int.init)
                let distance =
                    zip([color.red, color.green, color.blue], expected)
                    .map { abs($0 - $1) }.max() ?? 255
                // Percent steps are 2.55 apart; libsixel cuts each colour to 5 bits first.
                #expect(distance <= 8, "pixel \(x),\(y)")
            }
        }
    }

    @Test(arguments: [(64, 64, 60), (64, 65, 60), (64, 66, 66), (64, 5, 6), (64, 11, 6)])
    func theHeightIsWholeBands(_ width: Int, _ height: Int, _ expected: Int) throws {
        let image = PixelImage(width: 10, height: 10, filledWith: (200, 100, 50))
        let encoded = try SixelEncoder().encode(image, width: width, height: height)
        #expect(encoded.height == expected)
        let decoded = try #require(SixelDecoder(encoded.bytes))
        #expect(decoded.width == width)
        #expect(decoded.height == expected)
        #expect(!decoded.pixels.contains(-1))
    }

    @Test(arguments: [2, 16, 256])
    func thePaletteStaysWithinItsSize(_ size: Int) throws {
        let image = try Self.gradient()
        for dithering in [SixelEncoder.Dithering.none, .ordered, .diffused] {
            let encoded = try SixelEncoder(paletteSize: size, dithering: dithering)
                .encode(image, width: 96, height: 96)
            let decoded = try #require(SixelDecoder(encoded.bytes))
            #expect(Set(decoded.pixels).count <= size)
            #expect(decoded.palette.keys.allSatisfy { $0 < size })
        }
    }

    @Test func aGradientStaysCloseToItsColours() throws {
        let image = try Self.gradient()
        let encoded = try SixelEncoder().encode(image, width: 96, height: 96)
        let decoded = try #require(SixelDecoder(encoded.bytes))
        var rgb: [UInt8] = []
        for y in 0..<96 {
            for x in 0..<96 {
                let color = try #require(decoded.color(x, y))
                rgb += [color.red, color.green, color.blue].map { UInt8(clamping: $0) }
            }
        }
        let shown = try #require(PixelImage(width: 96, height: 96, rgb: rgb))
        let ratio = try #require(image.peakSignalToNoiseRatio(to: shown))
        #expect(ratio > 28)
    }

    @Test func aByteLimitIsKeptByGivingUpColours() throws {
        let image = try Self.gradient()
        let free = try SixelEncoder().encode(image, width: 192, height: 192)
        let limit = free.bytes.count * 6 / 10
        let limited = try SixelEncoder().encode(image, width: 192, height: 192, byteLimit: limit)
        #expect(limited.bytes.count <= limit)
        #expect(limited.width == free.width)
        let decoded = try #require(SixelDecoder(limited.bytes))
        #expect(decoded.palette.count >= 16)
        #expect(!decoded.pixels.contains(-1))
    }

    @Test func ditheringIsGivenUpBeforeColours() throws {
        let image = try Self.gradient()
        let encoder = SixelEncoder(paletteSize: 256, dithering: .diffused)
        let dithered = try encoder.encode(image, width: 384, height: 384)
        let limited = try encoder.encode(
            image, width: 384, height: 384, byteLimit: dithered.bytes.count - 1)
        let plain = try SixelEncoder().encode(image, width: 384, height: 384)
        #expect(plain.bytes.count < dithered.bytes.count)
        #expect(limited == plain)
    }

    @Test func whatIsNotDrawnYetIsNotFilled() throws {
        let encoded = try SixelEncoder().encode(try Self.gradient(), width: 96, height: 96)
        #expect(encoded.bytes.starts(with: Array("\u{1B}P0;1;0q".utf8)))
    }

    @Test func encodersRunSideBySide() async throws {
        let image = try Self.gradient()
        let alone = try SixelEncoder().encode(image, width: 90, height: 90)
        let together = try await withThrowingTaskGroup(of: SixelEncoder.Encoded.self) { group in
            for _ in 0..<64 {
                group.addTask { try SixelEncoder().encode(image, width: 90, height: 90) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(together.count == 64)
        #expect(together.allSatisfy { $0 == alone })
    }

    @Test func fewRegistersAreHonoured() {
        var capabilities = TerminalCapabilities()
        capabilities.sixelRegisters = 16
        #expect(SixelEncoder(for: capabilities).paletteSize == 16)
        capabilities.sixelRegisters = 1024
        #expect(SixelEncoder(for: capabilities).paletteSize == 256)
    }

    static func gradient() throws -> PixelImage {
        var rgb: [UInt8] = []
        for y in 0..<96 {
            for x in 0..<96 { rgb += [UInt8(x * 2), UInt8(y * 2), UInt8(190 - x - y / 2)] }
        }
        return try #require(PixelImage(width: 96, height: 96, rgb: rgb))
    }
}
