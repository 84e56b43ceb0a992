import Foundation
import Generation
import Testing

@testable import Images

/// Texts of JPEG and WebP files as other programs write them.
@Suite struct ContainerTests {
    private static let text =
        "cat\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64, RNG: CPU"

    /// A little-endian TIFF block with one field in its EXIF folder.
    private func tiff(comment: [UInt8]) -> [UInt8] {
        func little(_ number: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
        var bytes = Array("II".utf8) + [42, 0] + little(8, 4)
        bytes += little(1, 2) + little(0x8769, 2) + little(4, 2) + little(1, 4) + little(26, 4)
        bytes += little(0, 4)
        bytes += little(1, 2) + little(0x9286, 2) + little(7, 2) + little(comment.count, 4)
        return bytes + little(44, 4) + little(0, 4) + comment
    }

    private func jpeg(_ tiff: [UInt8]) -> Data {
        let content = Array("Exif\0\0".utf8) + tiff
        let length = content.count + 2
        var data = SamplePictures.jpeg()
        data.insert(
            contentsOf: [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + content, at: 2)
        return data
    }

    private func units(_ text: String, bigEndian: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            let pair = [UInt8(unit >> 8), UInt8(unit & 255)]
            return bigEndian ? pair : pair.reversed()
        }
    }

    @Test(arguments: [true, false])
    func aUserCommentIsReadInEitherByteOrder(isBigEndian: Bool) throws {
        let comment = Array("UNICODE\0".utf8) + units(Self.text + " 日本", bigEndian: isBigEndian)
        let metadata = try PictureMetadata.read(from: jpeg(tiff(comment: comment)))
        #expect(metadata.entries.map(\.text) == [Self.text + " 日本"])
        #expect(metadata.request?.seeds == [1])
    }

    @Test func aUserCommentInASCIIIsRead() throws {
        let comment = Array("ASCII\0\0\0".utf8) + Array(Self.text.utf8)
        let metadata = try PictureMetadata.read(from: jpeg(tiff(comment: comment)))
        #expect(metadata.request?.prompt == "cat")
    }

    @Test func offsetsOutsideTheBlockAreLeftOut() throws {
        var block = tiff(comment: Array("ASCII\0\0\0x".utf8))
        block[22] = 0xFF
        block[40] = 0xFF
        block[41] = 0xFF
        #expect(try PictureMetadata.read(from: jpeg(block)).request == nil)
    }

    @Test func webPCarriesEXIFAndXMP() throws {
        func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
            let length = (0..<4).map { UInt8(truncatingIfNeeded: content.count >> ($0 * 8)) }
            return Array(type.utf8) + length + content + (content.count % 2 == 1 ? [0] : [])
        }
        let comment = Array("UNICODE\0".utf8) + units(Self.text, bigEndian: true)
        let size: [UInt8] = [0, 0, 0, 0, 63, 0, 0, 47, 0, 0]
        let body = chunk("VP8X", size) + chunk("EXIF", tiff(comment: comment))
        let data = Data(Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBP".utf8) + body)
        let metadata = try PictureMetadata.read(from: data)
        #expect(metadata.request?.steps == 20)
        #expect((metadata.width, metadata.height) == (64, 48))

        let xmp = """
            <x:xmpmeta><rdf:Description sdcpp:parameters="a &lt;cat&gt;
            Steps: 8, CFG scale: 1.0, Seed: 42, SDCPP: {&quot;seed&quot;:42,\
            &quot;prompt&quot;:{&quot;positive&quot;:&quot;a cat&quot;},&quot;rng&quot;:\
            &quot;cpu&quot;}"/></x:xmpmeta>
            """
        let other = Data(
            Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBP".utf8) + chunk("XMP ", Array(xmp.utf8)))
        let second = try PictureMetadata.read(from: other)
        #expect(second.tool == .stableDiffusionCpp)
        #expect(second.request?.prompt == "a cat")
        #expect(second.request?.seeds == [42])
    }

    @Test func aCutJPEGIsRefusedForWritingAndReading() {
        let data = SamplePictures.jpeg().prefix(10)
        #expect(throws: PictureFormatError.self) { try PictureMetadata.read(from: Data(data)) }
        #expect(throws: PictureFormatError.self) { try JPEGTexts.removingAll(from: Data(data)) }
    }
}
