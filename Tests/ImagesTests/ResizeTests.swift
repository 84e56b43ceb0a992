import Generation
import Images
import Testing

@Suite struct ResizeTests {
    @Test(arguments: [(1, 1), (3, 200), (64, 64), (17, 5), (300, 2)])
    func oneColourStaysThatColour(_ width: Int, _ height: Int) {
        let image = PixelImage(width: 40, height: 30, filledWith: (10, 128, 250))
        let resized = image.resized(width: width, height: height)
        #expect(resized == PixelImage(width: width, height: height, filledWith: (10, 128, 250)))
    }

    @Test func theSameSizeIsThePictureItself() throws {
        let image = try ImageFixture.image
        #expect(image.resized(width: 8, height: 6) == image)
    }

    @Test func growingInterpolatesBetweenPixelCentres() throws {
        let image = try #require(PixelImage(width: 2, height: 1, rgb: [0, 0, 0, 200, 100, 40]))
        let grown = image.resized(width: 4, height: 1)
        #expect(grown.rgb == [0, 0, 0, 50, 25, 10, 150, 75, 30, 200, 100, 40])
    }

    @Test func shrinkingAveragesAndKeepsTheMean() throws {
        var rgb: [UInt8] = []
        for y in 0..<64 {
            for x in 0..<64 { rgb += [(x + y) % 2 == 0 ? 255 : 0, UInt8(x * 4), UInt8(y * 4)] }
        }
        let image = try #require(PixelImage(width: 64, height: 64, rgb: rgb))
        let small = image.resized(width: 8, height: 8)
        for y in 1..<7 {
            for x in 1..<7 {
                let at = (y * 8 + x) * 3
                #expect(abs(Int(small.rgb[at]) - 128) <= 2, "a chequerboard becomes gray")
                #expect(abs(Int(small.rgb[at + 1]) - (x * 32 + 14)) <= 2, "a ramp stays a ramp")
                #expect(abs(Int(small.rgb[at + 2]) - (y * 32 + 14)) <= 2)
            }
        }
    }

    @Test func aPictureFitsABoxWithItsProportions() {
        let image = PixelImage(width: 300, height: 200, filledWith: (0, 0, 0))
        #expect(image.size(fittingWidth: 150, height: 150) == (150, 100))
        #expect(image.size(fittingWidth: 600, height: 100) == (150, 100))
        #expect(image.size(fittingWidth: 1, height: 1) == (1, 1))
    }

    @Test func noiseRatioTellsDifferences() {
        let black = PixelImage(width: 4, height: 4, filledWith: (0, 0, 0))
        let white = PixelImage(width: 4, height: 4, filledWith: (255, 255, 255))
        #expect(black.peakSignalToNoiseRatio(to: black) == .infinity)
        #expect(black.peakSignalToNoiseRatio(to: white) == 0)
        let other = PixelImage(width: 4, height: 5, filledWith: (0, 0, 0))
        #expect(black.peakSignalToNoiseRatio(to: other) == nil)
    }
}
