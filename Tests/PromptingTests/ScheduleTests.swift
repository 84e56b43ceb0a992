import Prompting
import Testing

@Suite struct ScheduleTests {
    private func entries(_ prompt: String, _ steps: Int = 10) -> [String] {
        PromptSchedule.entries(for: prompt, steps: steps).map { "\($0.lastStep) \($0.text)" }
    }

    @Test(arguments: [
        ("test", ["10 test"]), ("a [b:3]", ["3 a ", "10 a b"]), ("a [b: 3]", ["3 a ", "10 a b"]),
        ("a [[[b]]:2]", ["2 a ", "10 a [[b]]"]), ("[(a:2):3]", ["3 ", "10 (a:2)"]),
        ("a [b : c : 1] d", ["1 a b  d", "10 a  c  d"]),
        ("a[b:[c:d:2]:1]e", ["1 abe", "2 ace", "10 ade"]),
        ("a [unbalanced", ["10 a [unbalanced"]), ("a [b:.5] c", ["5 a  c", "10 a b c"]),
        ("((a][:b:c [d:3]", ["3 ((a][:b:c ", "10 ((a][:b:c d"]),
        ("[cat:dog:0.4]", ["4 cat", "10 dog"]), ("[cat::4]", ["4 cat", "10 "]),
        ("a [b:20]", ["10 a "]), ("a [b:0]", ["10 a b"]), ("a [b:-1]", ["10 a b"]),
        ("[a:b:c]", ["10 [a:b:c]"]), ("[a:b:c:3]", ["10 [a:b:c:3]"]),
        ("a | b [c:3]", ["10 a | b [c:3]"]), ("[(a|b):3]", ["10 [(a|b):3]"]),
        (#"a \[b:3\] [c:3]"#, [#"3 a \[b:3\] "#, #"10 a \[b:3\] c"#]),
        (#"[a:3] \"#, [#"10 [a:3] \"#]), ("", ["10 "]), ("[]", ["10 []"]),
        ("[a:3] (b] [c:5]", ["3  (b] ", "5 a (b] ", "10 a (b] c"]),
        ("[a (b:3]", ["10 [a (b:3]"]),
    ])
    func asInTheOriginal(prompt: String, expected: [String]) {
        #expect(entries(prompt) == expected)
    }

    @Test func alternationTakesTurns() {
        #expect(entries("[a|(b:1.1)]", 4) == ["1 a", "2 (b:1.1)", "3 a", "4 (b:1.1)"])
        #expect(entries("[fe|]male", 3) == ["1 female", "2 male", "3 female"])
        #expect(
            entries("[fe|||]male", 6).map { String($0.dropFirst(2)) } == [
                "female", "male", "male", "male", "female", "male",
            ])
    }

    @Test func theSecondPassCountsOn() {
        func text(_ prompt: String) -> [String] {
            PromptSchedule.entries(for: prompt, steps: 10, earlierSteps: 10).map {
                "\($0.lastStep) \($0.text)"
            }
        }
        #expect(text("a [b:.5] c") == ["10 a b c"])
        #expect(text("a [b:1.5] c") == ["5 a  c", "10 a b c"])
        #expect(text("a [b:13] c") == ["3 a  c", "10 a b c"])
    }

    @Test func theTextOfAStep() {
        let entries = PromptSchedule.entries(for: "[x:y:2]", steps: 4)
        #expect((1...4).map { PromptSchedule.text(entries, at: $0) } == ["x", "x", "y", "y"])
    }

    @Test(arguments: ["[", "[a:", "(", "[a|", "]", "[a:3]", "[x:[", "(["])
    func anyNestingIsSafe(unit: String) {
        let open = String(repeating: unit, count: 3_000)
        let closed = open + String(repeating: ":3]", count: 3_000)
        for prompt in [open, closed] {
            #expect(PromptSchedule.entries(for: prompt, steps: 5).last?.lastStep == 5)
        }
    }

    @Test func withoutSchedulesAnyTextStays() {
        var draw = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let text = String((0..<20).map { _ in "ab()\\: ".randomElement(using: &draw) ?? "a" })
            #expect(entries(text) == ["10 " + text])
        }
    }
}
