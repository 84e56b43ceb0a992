import Prompting
import Testing

@Suite struct SyntaxTests {
    private func shown(_ prompt: String) -> [String] {
        let bytes = Array(prompt.utf8)
        return PromptSyntax.tokens(of: prompt).map {
            "\($0.kind.rawValue) \(String(decoding: bytes[$0.range], as: UTF8.self))"
        }
    }

    @Test(arguments: [
        ("plain words", []), ("(a:1.2)", ["bracket (", "weight :1.2", "bracket )"]),
        ("((a))", ["bracket (", "bracket (", "bracket )", "bracket )"]),
        (#"\(a\)"#, [#"escape \("#, #"escape \)"#]), ("(a", ["unbalanced ("]),
        ("a)", ["unbalanced )"]), ("(a]", ["unbalanced (", "unbalanced ]"]),
        ("(a:nan)", ["bracket (", "badWeight :nan", "bracket )"]),
        ("(a:1.2.3)", ["bracket (", "badWeight :1.2.3", "bracket )"]),
        ("(a: b)", ["bracket (", "bracket )"]), ("x BREAK y", ["breakWord BREAK"]),
        ("<lora:cat:0.8> x", ["lora <lora:cat:0.8>"]), ("<lora>", []), ("<lora:a:b>", []),
        ("__animal__", ["wildcard __animal__"]), ("a__b", []),
        ("__a b/c__", ["wildcard __a b/c__"]),
        ("[a:b:0.4]", ["bracket [", "schedule :", "schedule :0.4", "bracket ]"]),
        ("[a|b]", ["bracket [", "separator |", "bracket ]"]), ("a|b", []),
        ("{2$$a|b}", ["bracket {", "separator $$", "separator |", "bracket }"]),
        ("${x=1}", ["variable $", "bracket {", "variable x", "bracket }"]),
        ("é (ü:1.1)", ["bracket (", "weight :1.1", "bracket )"]),
    ])
    func tokensOf(prompt: String, expected: [String]) {
        #expect(shown(prompt) == expected)
    }

    @Test func problemsAreSentences() {
        let problems = PromptSyntax.problems(in: "(a:nan) [b")
        #expect(problems.map(\.range) == [2..<6, 8..<9])
        #expect(
            problems.map(\.message) == [
                "\"nan\" is no weight; it is read as words", "the bracket [ has no partner",
            ])
        #expect(PromptSyntax.problems(in: "((a:1.2)) [b:c:0.5] {x|y}").isEmpty)
    }

    /// Whatever is typed: tokens are in order, apart, and inside the text.
    @Test func randomPromptsGiveOrderlyTokens() {
        let parts = [
            "(", ")", "[", "]", "{", "}", "|", ":", "$$", "${", "__", "a", "é", "😀", "\\", "<lora:",
            ">", "BREAK", " ", ":1.2)", "0.5::", "\u{301}", "\n", "<", "1",
        ]
        var draw = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let prompt = (0..<25).map { _ in parts.randomElement(using: &draw) ?? "" }.joined()
            var end = 0
            for token in PromptSyntax.tokens(of: prompt) {
                #expect(token.range.lowerBound >= end && !token.range.isEmpty, "\(prompt)")
                end = token.range.upperBound
            }
            #expect(end <= prompt.utf8.count)
        }
    }

    @Test(arguments: ["(", "[a:", "{a|", "((((a:1.1)", "<lora:", "__", "${", "\\", ":::"])
    func repetitionIsSafe(unit: String) {
        let prompt = String(repeating: unit, count: 10_000) + String(repeating: ")]}", count: 5_000)
        #expect(PromptSyntax.tokens(of: prompt).count < 100_000)
    }
}

@Suite struct LoRATagTests {
    @Test func tagsAreTakenOut() {
        let result = LoRATag.extract(from: "a <lora:My Style_v2:0.8> b<lora:x> <LORA:y:-1:0.5>")
        #expect(result.text == "a  b ")
        #expect(result.tags.map(\.name) == ["My Style_v2", "x", "y"])
        #expect(result.tags.map(\.weight) == [0.8, 1, -1])
        #expect(result.tags.map(\.unetWeight) == [nil, nil, 0.5])
    }

    @Test func namedFieldsAreRead() {
        let tags = LoRATag.tags(in: "<lora:a:1:te=0.2:unet=0.7:lbw=1,0,0.5> <lora:b:0.5:te=0.3>")
        #expect(tags.map(\.weight) == [0.2, 0.3])
        #expect(tags.map(\.unetWeight) == [0.7, nil])
        #expect(tags.map(\.blockWeights) == [[1, 0, 0.5], nil])
    }

    @Test(arguments: [
        "<lora:a:lbw=>", "<lora:a:lbw=x>", "<lora:a:te=1,2>", "<lora:a:start=3>",
    ])
    func otherFieldsStay(prompt: String) {
        #expect(LoRATag.extract(from: prompt).text == prompt)
    }

    @Test func whatLooksLikeATagIsNamed() {
        let prompt = "<lora:a:nan> <lora:b:1> <LYCO::1> <hypernet:a:1> <lora> a<b <lora:c:x>"
        #expect(LoRATag.unreadable(in: prompt) == ["<lora:a:nan>", "<LYCO::1>", "<lora:c:x>"])
    }

    @Test(arguments: ["<lora:a:nan>", "<lora:>", "<hypernet:a:1>", "<lora:a", "a<b>c", "<<lora>"])
    func otherTextStays(prompt: String) {
        #expect(LoRATag.extract(from: prompt).text == prompt)
    }
}

@Suite struct WeightNudgeTests {
    /// `|` marks the cursor or both ends of the selection.
    private func nudge(_ marked: String, by amount: Double) -> String? {
        let parts = marked.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        let start = parts[0].utf8.count
        let end = parts.count > 2 ? start + parts[1].utf8.count : start
        let result = WeightNudge.nudge(parts.joined(), selection: start..<end, by: amount)
        return result.map { result in
            let bytes = Array(result.text.utf8)
            let ends = [
                0..<result.selection.lowerBound, result.selection,
                result.selection.upperBound..<bytes.count,
            ]
            return ends.map { String(decoding: bytes[$0], as: UTF8.self) }.joined(separator: "|")
        }
    }

    @Test(arguments: [
        ("a re|d fox", 0.1, "a (|red|:1.1) fox"), ("a |red fox|, b", 0.1, "a (|red fox|:1.1), b"),
        ("(re|d:1.1)", 0.1, "(|red|:1.2)"), ("(re|d:1.1)", -0.1, "|red|"),
        ("(a |b| c)", 0.1, "(a (|b|:1.1) c)"), ("((re|d))", 0.1, "(|red|:1.3)"),
        ("[re|d]", 0.1, "|red|"), ("x |y | z", -0.1, "x (|y|:0.9)  z"),
        ("<lora:na|me:0.8>", 0.05, "<|lora:name|:0.85>"),
        ("<lora:na|me:0.9>", 0.1, "<|lora:name|:1.0>"), ("<lora:na|me>", 0.1, "<|lora:name|:1.1>"),
        ("(red:1.3) fo|x", 0.05, "(red:1.3) (|fox|:1.05)"), ("größ|e", 0.1, "(|größe|:1.1)"),
        ("(a:0.1|)", -0.1, "(|a|:0.0)"), ("(a, b|:1.15)", 0.05, "(|a, b|:1.2)"),
        (#"\(re|d\)"#, 0.1, #"\((|red|:1.1)\)"#),
    ])
    func asInTheOriginal(marked: String, amount: Double, expected: String) {
        #expect(nudge(marked, by: amount) == expected)
    }

    @Test(arguments: ["|", "a,| b", "  |  ", "(|)", "( | |)"])
    func nothingToWeigh(marked: String) {
        #expect(nudge(marked, by: 0.1) == nil)
    }

    @Test func upAndDownGiveTheSameText() {
        for word in ["fox", "a red fox", "é😀"] {
            var text = "x, \(word), y"
            var selection = 3..<(3 + word.utf8.count)
            for step in [0.1, 0.1, 0.1, -0.1, -0.1, -0.1, -0.1, 0.1] {
                guard let result = WeightNudge.nudge(text, selection: selection, by: step) else {
                    Issue.record("no weight at \(text)")
                    return
                }
                text = result.text
                selection = result.selection
            }
            #expect(text == "x, \(word), y")
        }
    }

    @Test func anySelectionIsSafe() {
        let parts = ["(", ")", "[", "]", "<", ">", ":", "1", ".", "a", " ", "é", "\\", ","]
        var draw = SystemRandomNumberGenerator()
        for _ in 0..<3_000 {
            let text = (0..<15).map { _ in parts.randomElement(using: &draw) ?? "" }.joined()
            let bounds = text.unicodeScalars.indices.map {
                $0.utf16Offset(in: text)
            }.map { String(decoding: text.utf16.prefix($0), as: UTF16.self).utf8.count }
            let one = bounds.randomElement(using: &draw) ?? 0
            let other = bounds.randomElement(using: &draw) ?? 0
            let range = min(one, other)..<max(one, other)
            guard let result = WeightNudge.nudge(text, selection: range, by: 0.1) else { continue }
            #expect(result.selection.upperBound <= result.text.utf8.count)
            #expect(!result.text.contains("\u{FFFD}"))
        }
    }
}
