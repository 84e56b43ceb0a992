import Foundation
import Testing

@testable import Diffusion

/// Ids made by `Tests/Reference/tokenizer.py`.
private struct TokenizerFixture: Decodable {
    struct Pair: Decodable {
        var text: String
        var first: [Int]
        var second: [Int]?
    }

    struct Padded: Decodable {
        var text: String
        var first: [Int]
        var second: [Int]
    }

    var texts: [Pair]
    var padded: [Padded]

    init(_ file: URL) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }
}

private struct SmallRow: Decodable {
    var text: String
    var ids: [Int]
}

private func fixture(_ name: String) throws -> URL {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/\(name)")
}

/// The texts whose ids differ, with what was expected, for a readable failure.
private func differences(
    _ rows: [(text: String, expected: [Int])], _ encode: (String) -> [Int]
) -> [String] {
    rows.compactMap { row in
        let got = encode(row.text)
        guard got != row.expected else { return nil }
        let scalars = row.text.unicodeScalars.map { String($0.value, radix: 16) }
        return "\(scalars.joined(separator: " ")): expected \(row.expected), got \(got)"
    }
}

@Suite struct CLIPTokenizerTests {
    @Test func idsAreThoseOfTransformers() throws {
        let fixture = try TokenizerFixture(fixture("tokenizer.json"))
        #expect(fixture.texts.count >= 200)
        try expectEqual(fixture)
    }

    private func expectEqual(_ fixture: TokenizerFixture) throws {
        let first = try CLIPTokenizer.clip(padding: .endOfText)
        let second = try CLIPTokenizer.clip(padding: .zero)
        #expect(differences(fixture.texts.map { ($0.text, $0.first) }, first.encode) == [])
        #expect(
            differences(fixture.texts.map { ($0.text, $0.second ?? $0.first) }, second.encode)
                == [])
        #expect(differences(fixture.padded.map { ($0.text, $0.first) }, first.paddedIDs) == [])
        #expect(differences(fixture.padded.map { ($0.text, $0.second) }, second.paddedIDs) == [])
    }

    @Test(arguments: ["tokenizer-files", "tokenizer-normalized", "tokenizer-single"])
    func smallVocabulariesLoadFromEachShape(name: String) throws {
        let rows = try JSONDecoder().decode(
            [String: [SmallRow]].self, from: Data(contentsOf: fixture("tokenizer-small.json")))
        let tokenizer = try CLIPTokenizer.load(folder: fixture(name))
        let expected = try #require(rows[name]).map { ($0.text, $0.ids) }
        #expect(differences(expected, tokenizer.paddedIDs) == [])
        #expect(tokenizer.configuration.maximumLength == 77)
        #expect(tokenizer.vocabularySize < 1000)
    }

    /// Random texts, made by hand: `tokenizer.py sweep FILE`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["LATENT_TOKENIZER_SWEEP"] != nil))
    func randomTextsAreThoseOfTransformers() throws {
        let path = ProcessInfo.processInfo.environment["LATENT_TOKENIZER_SWEEP"] ?? ""
        try expectEqual(TokenizerFixture(URL(fileURLWithPath: path)))
    }

    /// Every scalar of Unicode, made by hand: `tokenizer.py scalars FILE`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["LATENT_TOKENIZER_SCALARS"] != nil))
    func everyScalarIsClassedAndFoldedAsInTheReference() throws {
        struct Table: Decodable {
            var classes: String
            var folded: [String: [UInt32]]
            var composed: [String: [UInt32]]
        }
        let path = ProcessInfo.processInfo.environment["LATENT_TOKENIZER_SCALARS"] ?? ""
        let table = try JSONDecoder().decode(
            Table.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        let names: [ScalarClass: Character] = [
            .letter: "L", .number: "N", .space: "S", .other: "O",
        ]
        var wrong: [String] = []
        for (value, expected) in table.classes.enumerated() where expected != "-" {
            let scalar = UInt32(value)
            if names[ScalarClass(scalar)] != expected {
                wrong.append("class \(String(value, radix: 16)) \(expected)")
            }
            guard let unicode = Unicode.Scalar(scalar) else { continue }
            let composed = table.composed[String(value)] ?? [scalar]
            let normalized = ScalarText(String(unicode)).normalized(0..<1).scalars
            let folded = composed.flatMap { table.folded[String($0)] ?? [$0] }
            if expected != "S", normalized != folded {
                wrong.append("folded \(String(value, radix: 16)) \(folded) \(normalized)")
            }
        }
        #expect(wrong == [])
    }

    @Test func tokensKnowTheirSource() throws {
        let tokenizer = try CLIPTokenizer.clip(padding: .endOfText)
        let text = "A  Cafe\u{301} 中!<|endoftext|> x"
        let utf8 = Array(text.utf8)
        let parts = tokenizer.tokens(of: text).map {
            String(decoding: utf8[$0.range], as: UTF8.self)
        }
        #expect(parts.first == "A")
        #expect(Array(parts[1].unicodeScalars) == Array("Cafe\u{301}".unicodeScalars))
        #expect(parts.suffix(3) == ["!", "<|endoftext|>", "x"])
    }

    @Test func addedTokensAreFoundInsideText() throws {
        let tokenizer = try CLIPTokenizer.clip(padding: .endOfText)
            .adding([
                AddedToken(content: "<style>", id: 49_408),
                AddedToken(content: "<style>_1", id: 49_409),
            ])
        let ids = tokenizer.encode("a <style> cat <style>_1")
        #expect(ids == tokenizer.encode("a") + [49_408] + tokenizer.encode("cat") + [49_409])
        #expect(tokenizer.encode("a <STYLE>").contains(49_408) == false)
    }

    @Test func wholeWordsAndSpacesOfAddedTokens() throws {
        var token = AddedToken(content: "Sks", id: 50_000)
        token.isNormalized = true
        token.isSingleWord = true
        token.stripsLeft = true
        token.stripsRight = true
        let tokenizer = try CLIPTokenizer.clip(padding: .endOfText).adding([token])
        #expect(tokenizer.encode("sks, SKS").filter { $0 == 50_000 }.count == 2)
        #expect(tokenizer.encode("sksy desks").contains(50_000) == false)
        #expect(tokenizer.tokens(of: "a  SKS  b")[1].range == 1..<8)
    }

    /// 20 KB each; what took quadratic time would take minutes here.
    @Test(arguments: [
        String(repeating: "a lighthouse, (very:1.2) Tall! ", count: 660),
        String(repeating: "ab", count: 10_000), String(repeating: "夕日の崖の上の灯台", count: 800),
        String(repeating: "सूर्यास्त के समय ", count: 500),
        "a" + String(repeating: "\u{301}\u{323}", count: 5_000),
        String(repeating: "<|endoftext|>!", count: 1_400),
    ])
    func longTextsAreNoTrap(text: String) throws {
        let tokenizer = try CLIPTokenizer.clip(padding: .zero)
        var count = 0
        let time = ContinuousClock().measure { count = tokenizer.encode(text).count }
        #expect(count > 1000)
        #expect(time < .seconds(20))
    }
}
