import Foundation
import Prompting
import Testing

/// A list of two: text and weight.
private struct Stretch: Decodable, Equatable {
    var text: [UInt32]
    var weight: Double

    init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        text = try list.decode(String.self).unicodeScalars.map(\.value)
        weight = try list.decode(Double.self)
    }

    init(_ stretch: WeightedText) {
        text = stretch.text.unicodeScalars.map(\.value)
        weight = stretch.weight
    }
}

private struct Row: Decodable {
    var prompt: String
    var webui: [Stretch]
    var comfy: [Stretch]
}

@Suite struct AttentionTests {
    private func rows(_ file: URL) throws -> [Row] {
        try JSONDecoder().decode([Row].self, from: Data(contentsOf: file))
    }

    private func expectEqual(_ rows: [Row]) {
        for row in rows {
            #expect(
                A1111Attention.parse(row.prompt).map(Stretch.init) == row.webui,
                "webui \(row.prompt.debugDescription)")
            #expect(
                ComfyAttention.parse(row.prompt).map(Stretch.init) == row.comfy,
                "comfy \(row.prompt.debugDescription)")
        }
    }

    /// Made by `Tests/Reference/prompt_weights.py`; equal to the last bit.
    @Test func weightsAreThoseOfTheOriginals() throws {
        let folder = try #require(Bundle.module.resourceURL)
        let rows = try rows(folder.appendingPathComponent("Fixtures/weights.json"))
        #expect(rows.count > 200)
        expectEqual(rows)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["LATENT_WEIGHTS_SWEEP"] != nil))
    func randomPromptsToo() throws {
        let path = ProcessInfo.processInfo.environment["LATENT_WEIGHTS_SWEEP"] ?? ""
        expectEqual(try rows(URL(fileURLWithPath: path)))
    }

    @Test func theDocumentedExample() {
        let parsed = A1111Attention.parse("a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).")
        #expect(
            parsed.map(\.text) == [
                "a ", "house", " ", "on", " a ", "hill", ", sun, ", "sky", ".",
            ])
        #expect(
            parsed.map(\.weight) == [
                1, 1.5730000000000004, 1.1, 1, 1.1, 0.55, 1.1, 1.4641000000000006, 1.1,
            ])
    }

    @Test func breakIsMarked() {
        let parsed = A1111Attention.parse("a  BREAK b")
        #expect(parsed.map(\.isBreak) == [false, true, false])
        #expect(parsed.map(\.text) == ["a", "BREAK", "b"])
        #expect(A1111Attention.parse("BREAKING").map(\.isBreak) == [false])
    }

    @Test(arguments: ["(x:nan)", "(x:inf)", "(x:1.2.3)", "(x:)", "(x:1e999)"])
    func weightsThatAreNoNumbersAreText(prompt: String) {
        for parsed in [A1111Attention.parse(prompt), ComfyAttention.parse(prompt)] {
            #expect(parsed.allSatisfy { $0.weight.isFinite })
            #expect(parsed.map(\.text).joined() == String(prompt.dropFirst().dropLast()))
        }
    }

    @Test(
        arguments: [
            ("(x:nan) (y:1.2)", ["nan"]), ("((a:+inf) b:INFINITY )", ["+inf", "INFINITY"]),
            ("(x:1e999), (x:1e9), (x:-1)", ["1e999"]), ("nan: a city (of:nancy) :)", []),
            ("(x:nan", []), ("(x:nan)(y:nan)", ["nan"]),
        ] as [(String, [String])])
    func weightsThatAreNoNumbersAreFound(prompt: String, expected: [String]) {
        #expect(UnreadableWeight.found(in: prompt) == expected)
    }

    @Test func placesInThePromptAreKept() {
        let prompt = #"é \(a\) (b c:1.5) d"#
        let bytes = Array(prompt.utf8)
        for parsed in [A1111Attention.parse(prompt), ComfyAttention.parse(prompt)] {
            for stretch in parsed {
                for (offset, byte) in stretch.text.utf8.enumerated() {
                    let source = stretch.source(of: offset..<(offset + 1))
                    #expect(bytes[source].elementsEqual([byte]), "\(stretch)")
                }
            }
        }
    }

    /// Depth is no danger for the stack, nor for time.
    @Test(arguments: ["(", "[", "(a", "[a(", "((a:1.1)", "(a:0.9", ":", "\\", "a)", "BREAK "])
    func nestingAndRepetitionAreSafe(unit: String) {
        let prompt = String(repeating: unit, count: 20_000)
        #expect(A1111Attention.parse(prompt).allSatisfy { $0.weight.isFinite })
        let closed = prompt + String(repeating: ")", count: 20_000)
        #expect(A1111Attention.parse(closed).allSatisfy { $0.weight.isFinite })
        #expect(ComfyAttention.parse(String(closed.prefix(20_000))).isEmpty == false)
    }
}
