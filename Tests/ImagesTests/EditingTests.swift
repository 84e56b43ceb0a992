import Generation
import Testing

@testable import Images

@Suite struct EditingTests {
    /// Pillow's own results; see Tests/Reference/pillow.py.
    @Test func lanczosAndBlurMatchPillow() throws {
        let (width, height) = (23, 17)
        let values = (0..<(width * height)).map { (index: Int) -> UInt8 in
            UInt8((index * 7 + index / width * 31) % 256)
        }
        let gray = try #require(GrayImage(width: width, height: height, values: values))
        for (size, sum) in PillowFigures.resized {
            let found = gray.resampled(width: size.0, height: size.1)
            #expect(PillowFigures.checksum(found.values) == sum, "\(size)")
        }
        for (radius, sum) in PillowFigures.blurred {
            #expect(
                PillowFigures.checksum(gray.blurred(radius: radius).values) == sum, "\(radius)")
        }
        let colors = (0..<(width * height * 3)).map { (index: Int) -> UInt8 in
            UInt8((index * 11 + index / 50) % 256)
        }
        let picture = try #require(PixelImage(width: width, height: height, rgb: colors))
        #expect(PillowFigures.checksum(GrayImage(picture).values) == PillowFigures.luma)
    }

    /// What diffusers makes of Pillow's pictures when only a masked area is repainted.
    @Test func overlaysAndFillsAsDiffusers() throws {
        let (width, height) = (23, 17)
        let values = (0..<(width * height)).map { (index: Int) -> UInt8 in
            UInt8((index * 7 + index / width * 31) % 256)
        }
        let mask = try #require(GrayImage(width: width, height: height, values: values))
        let colors = (0..<(width * height * 3)).map { (index: Int) -> UInt8 in
            UInt8((index * 11 + index / 50) % 256)
        }
        let turned = colors.indices.map { (index: Int) -> UInt8 in
            colors[(width * height - 1 - index / 3) * 3 + index % 3]
        }
        let picture = try #require(PixelImage(width: width, height: height, rgb: colors))
        let other = try #require(PixelImage(width: width, height: height, rgb: turned))
        let overlaid = other.blended(with: picture, by: mask)
        let upside = picture.blended(with: other, by: mask)
        #expect(
            [overlaid, upside].map { PillowFigures.checksum($0.rgb) } == PillowFigures.overlaid)
        for (size, inner, sum) in PillowFigures.filled {
            let (left, top) = (size.0 / 2 - inner.0 / 2, size.1 / 2 - inner.1 / 2)
            let area = PixelArea(
                left: left, top: top, right: left + inner.0, bottom: top + inner.1)
            let filled = picture.resampled(width: inner.0, height: inner.1)
                .drawnOut(width: size.0, height: size.1, at: area)
            #expect(PillowFigures.checksum(filled.rgb) == sum, "\(size)")
        }
    }

    @Test func cropsBlendsAndExtends() throws {
        let picture = try #require(
            PixelImage(width: 2, height: 2, rgb: [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]))
        let large = picture.extended(
            width: 4, height: 3, at: PixelArea(left: 1, top: 0, right: 3, bottom: 2))
        let reds = stride(from: 0, to: large.rgb.count, by: 3).map { large.rgb[$0] }
        #expect(reds == [1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
        #expect(large.cropped(PixelArea(left: 1, top: 0, right: 3, bottom: 2)) == picture)
        let white = PixelImage(width: 2, height: 2, filledWith: (201, 201, 201))
        let mask = try #require(GrayImage(width: 2, height: 2, values: [0, 255, 128, 0]))
        let blended = picture.blended(with: white, by: mask)
        #expect(Array(blended.rgb[3...8]) == [201, 201, 201, 102, 102, 102])
    }
}
