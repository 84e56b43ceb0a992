import Foundation
import Generation
import Screen
import Terminal
import Testing

@testable import StudioRuntime

@Suite("Pictures for the terminal")
struct PictureEncoderTests {
    private static func encoder(_ graphics: GraphicsProtocol) -> PictureEncoder {
        var capabilities = TerminalCapabilities()
        capabilities.colorDepth = .trueColor
        return PictureEncoder(graphics: graphics, capabilities: capabilities)
    }

    /// Soft waves of all colours: what dithering makes many bytes of.
    fileprivate static func waves(_ side: Int) throws -> PixelImage {
        var rgb: [UInt8] = []
        for y in 0..<side {
            for x in 0..<side {
                for phase in [0.0, 2, 4] {
                    let wave = sin(Double(x) / 90 + phase) + cos(Double(y) / 70 - phase)
                    rgb.append(UInt8(127 + 60 * wave))
                }
            }
        }
        return try #require(PixelImage(width: side, height: side, rgb: rgb))
    }

    @Test(
        "the old picture of a place stays until the new one has arrived",
        arguments: [GraphicsProtocol.kitty, .kittyDirect])
    func replacement(graphics: GraphicsProtocol) throws {
        let placement = ImagePlacement(
            imageID: "a", area: Rect(x: 3, y: 2, width: 20, height: 10))
        let encoded = try #require(
            Self.encoder(graphics).encode(
                try Self.waves(64), for: placement, cell: Size(width: 10, height: 20), slot: 2))
        let parts = encoded.parts.map { String(decoding: $0, as: UTF8.self) }
        #expect(parts.last == "\u{1B}_Ga=d,d=I,q=2,i=1\u{1B}\\")
        #expect(parts.dropLast().allSatisfy { !$0.contains("a=d") })
        #expect(parts[0].contains("i=2"))
        #expect(PictureEncoder.partner(of: 2) == 1)
        #expect(PictureEncoder.partner(of: 253) == 254)
    }

    /// What a picture may be at worst.
    enum Content: CaseIterable {
        case waves, noise, stripes

        func image(_ side: Int) throws -> PixelImage {
            var state: UInt32 = 1
            func random() -> UInt8 {
                state = state &* 1_664_525 &+ 1_013_904_223
                return UInt8(state >> 24)
            }
            switch self {
            case .waves: return try PictureEncoderTests.waves(side)
            case .noise:
                let rgb = (0..<side * side * 3).map { _ in random() }
                return try #require(PixelImage(width: side, height: side, rgb: rgb))
            case .stripes:
                let rgb = (0..<side * side).flatMap { pixel -> [UInt8] in
                    let (x, y) = (pixel % side, pixel / side)
                    return [UInt8(x % 256), UInt8(y % 256), x % 2 == 0 ? 255 : 0]
                }
                return try #require(PixelImage(width: side, height: side, rgb: rgb))
            }
        }
    }

    @Test(
        "a picture of 512x512 pixels takes less than 250 KB in sixel", arguments: Content.allCases)
    func smallSixel(content: Content) throws {
        let placement = ImagePlacement(imageID: "a", area: Rect(x: 0, y: 0, width: 52, height: 26))
        let graphic = try #require(
            Self.encoder(.sixel).encode(
                try content.image(512), for: placement, cell: Size(width: 10, height: 20), slot: 1))
        #expect(graphic.pixels.width >= 512 && graphic.pixels.height >= 512)
        #expect(graphic.byteCount < 250_000)
        #expect(graphic.byteCount > 50_000)
    }

    @Test("a picture of a large window may take more bytes than one of 512x512 pixels")
    func largeSixel() throws {
        let placement = ImagePlacement(
            imageID: "a", area: Rect(x: 0, y: 0, width: 100, height: 50))
        let (encoder, image) = (Self.encoder(.sixel), try Self.waves(500))
        let cell = Size(width: 10, height: 20)
        let free = try #require(encoder.encode(image, for: placement, cell: cell, slot: 1))
        #expect(free.byteCount > 250_000)
        #expect(free.byteCount <= 1000 * 1000 * 250 / 262)
        let limited = try #require(
            encoder.encode(image, for: placement, cell: cell, slot: 1, byteLimit: 200_000))
        #expect(limited.byteCount < free.byteCount)
    }
}
