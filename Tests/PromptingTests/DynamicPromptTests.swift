import Prompting
import Testing

@Suite struct DynamicPromptTests {
    private static let lists: [String: [String]] = [
        "animal": ["fox", "# a comment", "", "owl", "9::heron"],
        "place": ["__animal__ den", "lake"],
        "loop": ["a __pool__"], "pool": ["b __loop__"], "empty": ["# nothing"],
        "self": ["__self__"],
    ]
    private let prompt = DynamicPrompt { Self.lists[$0] }

    private func texts(_ template: String, count: UInt64 = 200) throws -> [String: Int] {
        var found: [String: Int] = [:]
        for seed in 0..<count {
            found[try prompt.expand(template, seed: seed).text, default: 0] += 1
        }
        return found
    }

    @Test(arguments: [
        ("plain (a:1.2) [b|c]", ["plain (a:1.2) [b|c]"]), ("{a|b}", ["a", "b"]), ("{a}", ["a"]),
        ("{|x}", ["", "x"]), ("{a|{b|c}}", ["a", "b", "c"]), ("{2$$a|b}", ["a, b", "b, a"]),
        ("{2$$ and $$a|b}", ["a and b", "b and a"]), ("{0$$a|b}", [""]), ("{5$$a}", ["a"]),
        ("{1::a|0::b}", ["a"]), ("__animal__", ["fox", "owl", "heron"]),
        ("__place__", ["fox den", "owl den", "heron den", "lake"]), ("{a|b", ["{a|b"]),
        ("a}", ["a}"]), (#"\{a|b\}"#, [#"\{a|b\}"#]), ("${x=red} ${x} ${x}", [" red red"]),
        ("${x}", ["${x}"]), ("${x:blue}", ["blue"]), ("${x=!{a|b}}${x}${x}", ["aa", "bb"]),
        ("${x={a|b}}${x}${x}", ["aa", "ab", "ba", "bb"]), ("__a", ["__a"]),
        ("{a|__animal__}", ["a", "fox", "owl", "heron"]),
    ])
    func expandsTo(template: String, expected: [String]) throws {
        #expect(try Set(texts(template).keys) == Set(expected))
    }

    @Test func rangesTakeFromLeastToMost() throws {
        let found = try texts("{1-2$$a|b}")
        #expect(Set(found.keys) == ["a", "b", "a, b", "b, a"])
        #expect(
            try Set(texts("{2-$$a|b|c}").keys.map { $0.split(separator: ",").count }) == [2, 3])
    }

    @Test func weightsCount() throws {
        let found = try texts("{3::a|b}", count: 4_000)
        let share = Double(found["a"] ?? 0) / 4_000
        // Three in four, within five standard deviations.
        #expect(abs(share - 0.75) < 0.035)
        let even = try texts("{a|b|c|d}", count: 4_000)
        #expect(even.values.allSatisfy { abs(Double($0) / 4_000 - 0.25) < 0.035 })
    }

    /// What a seed gives is part of saved sessions and must never change.
    @Test func theSequenceIsFixed() throws {
        let template = "{a|b|c|d|e|f|g|h} {1|2|3|4|5|6|7|8} __animal__ {2$$p|q|r|s}"
        let found = try (0..<4).map { try prompt.expand(template, seed: $0).text }
        #expect(found == Self.recorded)
        #expect(
            try prompt.expand(template, seed: .max).text
                == prompt.expand(template, seed: .max).text)
    }

    private static let recorded = [
        "b 2 heron p, q", "b 5 heron s, q", "a 3 heron r, q", "f 4 heron q, r",
    ]

    @Test func oneChoiceIsDrawnAgain() throws {
        let template = "{a|b|c|d} {1|2|3|4} __place__"
        let first = try prompt.expand(template, seed: 5)
        #expect(first.choices.count >= 3)
        for choice in first.choices {
            let again = try prompt.reroll(first, choice: choice.id)
            let changed = again.choices.first { $0.id == choice.id }
            #expect(changed?.picks != choice.picks)
            // Choices that are not inside the changed one stay.
            for other in first.choices where !other.id.hasPrefix(choice.id) {
                #expect(again.choices.first { $0.id == other.id } == other)
            }
            let repeated = try prompt.expand(template, seed: 5, rerolls: again.rerolls)
            #expect(repeated == again)
        }
    }

    @Test(arguments: [
        ("__loop__", DynamicPromptError.cycle(["loop", "pool", "loop"])),
        ("__self__", .cycle(["self", "self"])), ("__nothing__", .unknownWildcard("nothing")),
        ("__empty__", .emptyWildcard("empty")), ("${x=a${x}}${x}", .recursiveVariable("x")),
        (String(repeating: "{", count: 500) + String(repeating: "}", count: 500), .tooDeep),
    ])
    func errorsAreClear(template: String, expected: DynamicPromptError) {
        #expect(throws: expected) { try prompt.expand(template, seed: 0) }
        #expect(!expected.description.isEmpty)
    }

    /// Ten levels of ten repetitions would be ten billion words.
    @Test func explosionsAreStopped() {
        let bomb = DynamicPrompt { name in
            guard let level = Int(name), level > 0 else { return ["word"] }
            return [String(repeating: "__\(level - 1)__ ", count: 10)]
        }
        #expect(throws: DynamicPromptError.tooLarge) { try bomb.expand("__10__", seed: 0) }
    }

    @Test func dynamicTextsAreRecognised() {
        #expect(DynamicPrompt.isDynamic("a {b|c}") && DynamicPrompt.isDynamic("__x__"))
        #expect(!DynamicPrompt.isDynamic("a [b|c] (d:1.2) x_y"))
    }

    @Test func anyTemplateIsSafe() {
        let parts = [
            "{", "}", "|", "$$", "${", "=", "!", "::", "2", "-", "__", "animal", "a", "é", "\\",
            ":", " ",
        ]
        var draw = SystemRandomNumberGenerator()
        for seed in 0..<3_000 {
            let template = (0..<20).map { _ in parts.randomElement(using: &draw) ?? "" }.joined()
            let one = try? prompt.expand(template, seed: UInt64(seed))
            let other = try? prompt.expand(template, seed: UInt64(seed))
            #expect(one == other)
        }
    }
}
