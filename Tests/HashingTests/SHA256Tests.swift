import Generation
import Hashing
import Testing

@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func matchesThePublishedVectors(text: String, digest: String) {
        #expect(SHA256.hexDigest(of: Array(text.utf8)) == digest)
        #expect(SHA256.hexDigest(of: text.utf8) == digest)
    }

    @Test func pixelsHashIsThatOfTheRows() throws {
        let image = try #require(PixelImage(width: 1, height: 1, rgb: Array("abc".utf8)))
        #expect(image.pixelsSHA256 == SHA256.hexDigest(of: Array("abc".utf8)))
    }
}
