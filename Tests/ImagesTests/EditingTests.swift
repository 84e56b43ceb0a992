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
