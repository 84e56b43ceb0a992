import Foundation
import Generation
import Prompting
import Testing

@testable import Diffusion

@Suite struct PromptChunkerTests {
    private func chunker(
        _ weighting: PromptWeighting, _ padding: CLIPTokenizer.Padding = .endOfText
    ) throws -> PromptChunker {
        PromptChunker(tokenizer: try .clip(padding: padding), weighting: weighting)
    }

    /// `count` words that are one token each.
    private func words(_ count: Int) -> String {
        (0..<count).map { ["cat", "dog", "sea"][$0 % 3] }.joined(separator: " ")
    }

    @Test(arguments: PromptWeighting.allCases, [CLIPTokenizer.Padding.endOfText, .zero])
    func aShortPromptIsWhatDiffusersReads(
        weighting: PromptWeighting, padding: CLIPTokenizer.Padding
    ) throws {
        let chunker = try chunker(weighting, padding)
        for prompt in ["", "a lighthouse, at sea!", words(75)] {
            let chunks = chunker.chunks(of: prompt)
            #expect(chunks.count == 1)
            #expect(chunks[0].ids == chunker.tokenizer.paddedIDs(prompt))
            #expect(!chunks[0].isWeighted)
            #expect(chunks[0].weights.count == 77)
        }
    }

    @Test func weightsFollowTheTokens() throws {
        let prompt = "a (red fox:1.3) runs"
        for weighting in [PromptWeighting.a1111, .comfy] {
            let chunk = try chunker(weighting).chunks(of: prompt)[0]
            #expect(Array(chunk.weights.prefix(6)) == [1, 1, 1.3, 1.3, 1, 1])
            let utf8 = Array(prompt.utf8)
            #expect(
                chunk.sources.map { String(decoding: utf8[$0], as: UTF8.self) } == [
                    "a", "red", "fox", "runs",
                ])
        }
        let plain = try chunker(.none).chunks(of: prompt)[0]
        #expect(!plain.isWeighted)
        #expect(plain.ids == (try chunker(.none)).tokenizer.paddedIDs(prompt))
    }

    @Test func withoutWeightingTheRestIsCut() throws {
        let chunker = try chunker(.none)
        let prompt = words(100)
        #expect(chunker.chunks(of: prompt).count == 1)
        let count = chunker.count(prompt)
        #expect(count.tokens == 100 && count.chunks == 1)
        #expect(count.truncatedFrom == 75 * 4)
    }

    @Test func a1111FillsChunksOf75() throws {
        let chunker = try chunker(.a1111)
        let chunks = chunker.chunks(of: words(160))
        #expect(chunks.map(\.textTokenCount) == [75, 75, 10])
        let count = chunker.count(words(160))
        #expect(count.tokens == 160 && count.chunks == 3 && count.chunkLength == 75)
        #expect(count.boundaries.map(\.offset) == [75 * 4, 150 * 4])
        #expect(chunks[0].ids.first == 49_406 && chunks[0].ids.last == 49_407)
        #expect(chunks[2].ids[11] == 49_407)
    }

    @Test(arguments: [(60, [61, 29]), (55, [56, 34]), (54, [75, 15]), (74, [75, 15])])
    func a1111EndsAChunkAtAComma(before: Int, expected: [Int]) throws {
        // One comma after `before` words; 90 tokens in all.
        let prompt = words(before) + ", " + words(89 - before)
        #expect(try chunker(.a1111).chunks(of: prompt).map(\.textTokenCount) == expected)
    }

    @Test func aCommaInPlace76StartsTheNextChunk() throws {
        let prompt = words(75) + ", " + words(5)
        #expect(try chunker(.a1111).chunks(of: prompt).map(\.textTokenCount) == [75, 6])
    }

    @Test func breakEndsAChunk() throws {
        let chunker = try chunker(.a1111)
        let chunks = chunker.chunks(of: "a cat BREAK a dog BREAK")
        #expect(chunks.map(\.textTokenCount) == [2, 2])
        #expect(chunks.map(\.followsBreak) == [false, true])
        #expect(chunker.count("a cat BREAK a dog").boundaries == [.init(offset: 12, isBreak: true)])
        #expect(chunker.chunks(of: "BREAK x").map(\.textTokenCount) == [0, 1])
    }

    @Test func comfyKeepsShortStretchesTogether() throws {
        let chunker = try chunker(.comfy)
        // Seven tokens of another weight do not fit behind 70 and move as a whole.
        let short = words(70) + " (" + words(7) + ":1.2)"
        #expect(chunker.chunks(of: short).map(\.textTokenCount) == [70, 7])
        // Eight are cut.
        let long = words(70) + " (" + words(8) + ":1.2)"
        #expect(chunker.chunks(of: long).map(\.textTokenCount) == [75, 3])
        #expect(chunker.chunks(of: words(160)).map(\.textTokenCount) == [75, 75, 10])
        #expect(chunker.chunks(of: "a BREAK b").count == 1)
    }

    @Test func tinySequencesAreFilled() throws {
        let folder = try #require(Bundle.module.resourceURL)
            .appendingPathComponent("Fixtures/tokenizer-files")
        let loaded = try CLIPTokenizer.load(folder: folder)
        for weighting in PromptWeighting.allCases {
            let chunker = PromptChunker(tokenizer: loaded, weighting: weighting)
            let chunks = chunker.chunks(of: "a lighthouse (on a cliff:1.2) at sunset")
            #expect(chunks.allSatisfy { $0.ids.count == 77 && $0.weights.count == 77 })
        }
    }

    @Test func listsAreMadeEquallyLong() throws {
        let chunker = try chunker(.a1111, .zero)
        let padded = chunker.padded(chunker.chunks(of: "a"), to: 3)
        #expect(padded.count == 3)
        #expect(padded[2].ids == chunker.tokenizer.paddedIDs(""))
        #expect(padded[2].ids.last == 0)
    }
}

@Suite struct PromptWeightingArithmeticTests {
    private let rows: [Float] = [1, 2, 3, -1, 0.5, 4]
    private let weights: [Float] = [1, 1.5, 0.5]

    @Test func a1111RestoresTheMean() {
        var scaled = rows
        PromptWeightingArithmetic.applyA1111(weights, to: &scaled)
        let multiplied = zip(rows, [1, 1, 1.5, 1.5, 0.5, 0.5]).map { Double($0) * $1 }
        let before = rows.map(Double.init).reduce(0, +) / 6
        let after = multiplied.reduce(0, +) / 6
        for (value, expected) in zip(scaled, multiplied) {
            #expect(abs(Double(value) - expected * before / after) < 1e-6)
        }
    }

    @Test func comfyMovesFromTheEmptyPrompt() {
        let empty: [Float] = [0, 1, 0, 1, 2, 0]
        var moved = rows
        PromptWeightingArithmetic.applyComfy(weights, to: &moved, empty: empty)
        #expect(moved == [1, 2, 4.5, -2, 1.25, 2])
    }

    @Test func weightsOfOneChangeNoBit() {
        var same = rows
        PromptWeightingArithmetic.applyA1111([1, 1, 1], to: &same)
        PromptWeightingArithmetic.applyComfy([1, 1, 1], to: &same, empty: same.map { $0 + 1 })
        #expect(same == rows)
    }

    @Test func aMeanOfZeroStaysFinite() {
        var values: [Float] = [1, -1, 2, -2]
        PromptWeightingArithmetic.applyA1111([1, 2], to: &values)
        #expect(values == [1, -1, 4, -4])
        var zeroed: [Float] = [1, 1]
        PromptWeightingArithmetic.applyA1111([0], to: &zeroed)
        #expect(zeroed == [0, 0])
    }
}
