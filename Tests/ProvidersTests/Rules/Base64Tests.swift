import Foundation
import Testing

@testable import Providers

/// Base64 as servers write it, against Foundation's reader.
@Suite struct Base64Tests {
    @Test func everyLengthIsReadAsFoundationReadsIt() {
        var noise = SystemRandomNumberGenerator()
        for count in 1...300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &noise) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64Picture.decoded(text) == bytes)
            #expect(Base64Picture.decoded("data:image/png;base64," + text) == bytes)
            let broken = Data(bytes).base64EncodedString(options: .lineLength64Characters)
            #expect(Base64Picture.decoded(broken) == bytes)
        }
    }

    @Test(arguments: ["", "=", "==", "====", "A", "AB", "ABC", "AB=C", "A===", "!!!!", "\u{E9}AAA"])
    func whatIsNoneIsReadAsFoundationReadsIt(text: String) {
        let expected = Data(base64Encoded: text, options: .ignoreUnknownCharacters).map {
            [UInt8]($0)
        }
        let read = Base64Picture.decoded(text)
        #expect((read ?? []) == (expected ?? []), "\(text)")
    }

    @Test func aWrongCharacterAnywhereIsNoticed() {
        let text = Array(Data((0..<120).map { UInt8($0) }).base64EncodedString().utf8)
        for place in text.indices {
            var wrong = text
            wrong[place] = UInt8(ascii: "*")
            let read = Base64Picture.decoded(String(decoding: wrong, as: UTF8.self))
            #expect(read != (0..<120).map { UInt8($0) })
        }
    }
}
