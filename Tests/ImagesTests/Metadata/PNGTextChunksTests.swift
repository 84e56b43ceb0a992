import Foundation
import Testing

@testable import Images

@Suite struct PNGTextChunksTests {
    @Test(arguments: ["plain", "Grüße", "日本語 🦊", "", "two\nlines", "a\"b\\c"])
    func aTextSurvivesTheRoundTrip(text: String) throws {
        let data = try SamplePictures.png([("parameters", text), ("other", "x")])
        let entries = try PNGTextChunks.read(from: data)
        #expect(
            entries == [
                .init(keyword: "parameters", text: text), .init(keyword: "other", text: "x"),
            ])
    }

    @Test func aKeywordIsReplacedAndTheRestOfTheFileStays() throws {
        let first = try SamplePictures.png([("parameters", "one"), ("Comment", "kept")])
        let second = try PNGTextChunks.insert(
            [TextEntry(keyword: "parameters", text: "two")], into: first)
        #expect(
            try PNGTextChunks.read(from: second).map { "\($0.keyword)=\($0.text)" }
                == ["parameters=two", "Comment=kept"])
        #expect(try PNGTextChunks.removingAll(from: second) == SamplePictures.png())
    }

    @Test func latin1AndCompressedTextsAreRead() throws {
        let latin1 = PNGTextChunks.chunk("tEXt", Array("Title\0caf".utf8) + [0xE9])
        let compressed = PNGTextChunks.chunk(
            "zTXt", Array("Long\0\0".utf8) + SamplePictures.deflated(Array("deep".utf8)))
        let international = PNGTextChunks.chunk(
            "iTXt",
            Array("Both\0".utf8) + [1, 0] + Array("en\0Beides\0".utf8)
                + SamplePictures.deflated(Array("tief ß".utf8)))
        let data = SamplePictures.png(with: [latin1, compressed, international])
        #expect(try PNGTextChunks.read(from: data).map(\.text) == ["café", "deep", "tief ß"])
    }

    @Test func aBombIsLeftOutWithAWarning() throws {
        let bomb = SamplePictures.deflated([UInt8](repeating: 65, count: 40 << 20))
        let chunk = PNGTextChunks.chunk("zTXt", Array("parameters\0\0".utf8) + bomb)
        let metadata = try PictureMetadata.read(from: SamplePictures.png(with: [chunk]))
        #expect(metadata.entries.isEmpty)
        #expect(metadata.warnings.contains { $0.contains("zTXt") })
    }

    @Test func aLengthOfFourGigabytesEndsTheReadingOnly() throws {
        var data = try SamplePictures.png([("parameters", "kept")])
        data.removeLast(12)
        data.append(contentsOf: [0xFF, 0xFF, 0xFF, 0xFF] + Array("tEXt".utf8) + [1, 2, 3, 4, 5])
        let metadata = try PictureMetadata.read(from: data)
        #expect(metadata.entries.map(\.text) == ["kept"])
        #expect(metadata.warnings.contains { $0.contains("damaged or cut") })
        #expect(throws: PictureFormatError.self) {
            try PNGTextChunks.insert([], into: data)
        }
    }

    @Test(arguments: ["", String(repeating: "k", count: 80), "a\0b", "日本"])
    func aKeywordThatPNGCannotHoldIsRefused(keyword: String) {
        #expect(throws: PictureFormatError.self) {
            try PNGTextChunks.insert(
                [TextEntry(keyword: keyword, text: "x")], into: SamplePictures.png())
        }
    }

    @Test func anotherFormatIsRefused() {
        #expect(throws: PictureFormatError.unknownFormat) {
            try PNGTextChunks.read(from: Data("GIF89a".utf8))
        }
    }
}
