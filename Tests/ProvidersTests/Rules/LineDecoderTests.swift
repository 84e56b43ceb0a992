import Providers
import Testing

@Suite struct LineDecoderTests {
    @Test(arguments: ["a\nbc\n\nd", "a\r\nbc\r\n\r\nd", "a\rbc\r\rd"])
    func everyPieceSizeGivesTheSameLines(text: String) {
        for size in 1...9 {
            var decoder = LineDecoder()
            var lines: [String] = []
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                lines += decoder.lines(bytes.prefix(size))
                bytes = bytes.dropFirst(size)
            }
            #expect(lines == ["a", "bc", ""])
            #expect(decoder.rest() == "d")
        }
    }

    @Test func aLineBeyondTheLimitIsDroppedAlone() {
        var decoder = LineDecoder(maximumBytes: 4)
        #expect(decoder.lines("12345\nok\n".utf8) == ["ok"])
        #expect(decoder.hasDropped)
    }
}
