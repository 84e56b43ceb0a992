import Foundation
import Generation
import Testing

@testable import History

@Suite struct LineageTests {
    private func text(_ pieces: [PromptDiff.Piece]) -> String {
        pieces.map { piece in
            switch piece.kind {
            case .same: piece.text
            case .removed: "[-\(piece.text)-]"
            case .added: "{+\(piece.text)+}"
            }
        }.joined()
    }

    @Test(arguments: [
        ("a red fox", "a blue fox", "a [-red-]{+blue+} fox"),
        ("a (fox:1.2), snow", "a (fox:1.3), snow", "a (fox[-:1.2-]{+:1.3+}), snow"),
        ("same", "same", "same"), ("", "new", "{+new+}"), ("old", "", "[-old-]"), ("", "", ""),
        ("über Fluß", "über Fluss", "über [-Fluß-]{+Fluss+}"),
        ("赤い狐", "青い狐", "[-赤-]{+青+}い狐"), ("fox 🦊🏽 x", "fox 🦊 x", "fox [-🦊🏽-]{+🦊+} x"),
        ("<lora:ink:0.8>", "<lora:ink:0.5>", "<lora:ink[-:0.8-]{+:0.5+}>"),
        ("a, b", "a, b, c", "a, b{+, c+}"),
    ])
    func wordsThatChangedAreFound(old: String, new: String, expected: String) {
        #expect(text(PromptDiff.pieces(from: old, to: new)) == expected)
    }

    @Test func piecesAlwaysGiveBothTexts() {
        let alphabet = ["a", "b", " ", ", ", "(x:1.1)", "日", "é", "🦊", "\n", "word"]
        for _ in 0..<300 {
            func random() -> String {
                (0..<Int.random(in: 0...30)).map { _ in alphabet.randomElement() ?? "" }.joined()
            }
            let (old, new) = (random(), random())
            let pieces = PromptDiff.pieces(from: old, to: new)
            #expect(pieces.filter { $0.kind != .added }.map(\.text).joined() == old)
            #expect(pieces.filter { $0.kind != .removed }.map(\.text).joined() == new)
        }
    }

    @Test func longPromptsAreComparedThroughTheirRareWords() {
        let words = (0..<12_000).map { "word\($0)" }
        var changed = words
        changed[6_000] = "other"
        changed.insert("inserted", at: 3_000)
        let (old, new) = (words.joined(separator: " "), changed.joined(separator: " "))
        let pieces = PromptDiff.pieces(from: old, to: new)
        #expect(pieces.filter { $0.kind == .removed }.map(\.text) == ["word6000"])
        #expect(pieces.filter { $0.kind == .added }.map(\.text) == ["inserted ", "other"])
        let unrelated = (0..<12_000).map { "x\($0 % 7)" }.joined(separator: " ")
        let far = PromptDiff.pieces(from: old, to: unrelated)
        #expect(far.filter { $0.kind != .removed }.map(\.text).joined() == unrelated)
    }

    @Test func fieldsThatChangedAreNamed() {
        var old = GenerationRequest(prompt: "a fox")
        old.steps = 20
        old.loras = [LoRAReference(name: "ink")]
        var new = old
        new.prompt = "a dog"
        new.steps = 30
        new.loras = []
        new.sampler = .heun
        let diff = RequestDiff(from: old, to: new)
        #expect(diff.changes.map(\.field) == [.prompt, .steps, .sampler, .loras])
        #expect(diff.changes.map(\.old) == ["a fox", "20", "", "ink:1.0"])
        #expect(diff.changes.map(\.new) == ["a dog", "30", "heun", ""])
        #expect(text(diff.prompt) == "a [-fox-]{+dog+}")
        #expect(diff.negativePrompt.isEmpty)
        #expect(RequestDiff(from: new, to: new).isEmpty)
        var expanded = new
        expanded.expansion = PromptExpansion(prompt: "a dog", negativePrompt: "x")
        #expect(RequestDiff(from: new, to: expanded).changes.map(\.field) == [.expansion])
    }

    @Test func tweaksFormATree() {
        let jobs = (0..<6).map { ULID(high: UInt64($0 + 1) << 16, low: 0) }
        let lineage = Lineage([
            (jobs[0], nil), (jobs[1], jobs[0]), (jobs[2], jobs[0]), (jobs[3], jobs[1]),
            (jobs[4], ULID(high: 1 << 62, low: 1)), (jobs[5], nil),
        ])
        #expect(lineage.roots == [jobs[0], jobs[4], jobs[5]])
        #expect(lineage.children(of: jobs[0]) == [jobs[1], jobs[2]])
        #expect(lineage.ancestors(of: jobs[3]) == [jobs[1], jobs[0]])
        #expect(lineage.subtree(of: jobs[0]).map(\.job) == [jobs[0], jobs[1], jobs[3], jobs[2]])
        #expect(lineage.subtree(of: jobs[0]).map(\.depth) == [0, 1, 2, 1])
    }

    @Test func circlesOfAHostileFileAreCut() {
        let (one, two) = (ULID(high: 1, low: 0), ULID(high: 2, low: 0))
        let lineage = Lineage([(one, two), (two, one), (ULID(high: 3, low: 0), nil)])
        #expect(lineage.ancestors(of: two) == [one])
        #expect(lineage.subtree(of: one).count == 2)
        let itself = Lineage([(one, one)])
        #expect(itself.roots == [one])
    }

    @Test func jobsOfOneMillisecondKeepTheirOrder() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        var parent: ULID?
        for number in 0..<50 {
            let job = QueuedJob(request: journal.request("\(number)"), parent: parent)
            parent = try session.queue(job)
        }
        let lineage = try journal.store.index().lineage
        #expect(lineage.roots.count == 1)
        #expect(lineage.ancestors(of: try #require(parent)).count == 49)
    }
}
