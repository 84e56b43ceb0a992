import Foundation
import Generation
import Presets
import Testing

@Suite struct PromptExpanderTests {
    /// An expander over lists in a folder of its own.
    private func withLists(
        _ files: [String: String], _ body: (PromptExpander) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("wildcards-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let url = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        let library = PresetLibrary.load(userFolder: nil)
        try body(PromptExpander(presets: library, wildcards: WildcardLibrary(folder: folder)))
    }

    private func request(_ prompt: String, seed: UInt64 = 1) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt)
        request.seeds = [seed]
        return request
    }

    private func texts(_ expander: PromptExpander, _ prompt: String) throws -> Set<String> {
        Set(
            try (0..<80).map {
                try expander.expanded(request(prompt, seed: $0)).effectivePrompt
            })
    }

    @Test func listsComeFromFilesAlsoInFoldersAndByPattern() throws {
        let files = [
            "colour.txt": "red\r\n# no colour\n\n3::blue\n", "animals/cat.txt": "a __colour__ cat",
            "animals/dog.txt": "dog", "animals/wild/lynx.txt": "lynx",
        ]
        try withLists(files) { expander in
            let cats: Set = ["a red cat", "a blue cat"]
            let expected: [(prompt: String, texts: Set<String>)] = [
                ("__colour__", ["red", "blue"]), ("__COLOUR__", ["red", "blue"]),
                ("__animals/cat__", cats), ("__animals/*__", cats.union(["dog"])),
                ("__animals/**__", cats.union(["dog", "lynx"])),
            ]
            for row in expected {
                let found = try texts(expander, row.prompt)
                #expect(found == row.texts, "\(row.prompt)")
            }
        }
    }

    @Test func sameSeedSameTextAndBothAreKept() throws {
        try withLists(["colour.txt": "red\nblue\ngreen\nblack"]) { expander in
            let typed = request("a {small|large} __colour__ house, {2$$fog|rain|snow}", seed: 9)
            let first = try expander.expanded(typed)
            #expect(try expander.expanded(typed) == first)
            #expect(first.prompt == typed.prompt)
            #expect(
                first.expansion?.draws?.draws.map(\.source) == [
                    "{small|large}", "__colour__", "{2$$fog|rain|snow}",
                ])
            #expect(first.expansion?.draws?.seed == 9)
            // What is recorded stays as it is.
            #expect(try expander.expanded(first) == first)
            let coded = try JSONDecoder().decode(
                GenerationRequest.self, from: JSONEncoder().encode(first))
            #expect(coded == first)
        }
    }

    @Test func oneDrawIsMadeAgainWhileTheOthersStay() throws {
        try withLists(["colour.txt": "red\nblue\ngreen\nblack"]) { expander in
            var typed = request("{a|b|c|d} __colour__ {1|2|3|4}")
            typed.negativePrompt = "{x|y|z}"
            let first = try expander.expanded(typed)
            let draws = try #require(first.expansion?.draws?.draws)
            for number in 1...4 {
                let second = try expander.expanded(first, rerolling: .numbers([number]))
                let others = try #require(second.expansion?.draws?.draws)
                for index in 0..<4 {
                    let isSame = draws[index].picks == others[index].picks
                    #expect(isSame == (index != number - 1), "draw \(index) at \(number)")
                }
                #expect(second.expansion?.draws?.seed == 1)
                #expect(try expander.expanded(second) == second)
            }
            #expect(throws: PromptExpansionError.self) {
                try expander.expanded(first, rerolling: .numbers([5]))
            }
            #expect(throws: PromptExpansionError.self) {
                try expander.expanded(request("plain"), rerolling: .all)
            }
        }
    }

    @Test func aStyleGoesAroundWhatWasDrawn() throws {
        try withLists([:]) { expander in
            let style = try #require(PresetLibrary.load(userFolder: nil).styles.first)
            var typed = request("a {red} fox")
            typed.style = style.name
            let expanded = try expander.expanded(typed)
            #expect(expanded.effectivePrompt.contains("a red fox"))
            #expect(expanded.effectivePrompt != "a red fox")
            #expect(expanded.expansion?.draws?.draws.count == 1)
            typed.prompt = "a fox"
            #expect(try expander.expanded(typed).expansion?.draws == nil)
        }
    }

    @Test(arguments: [
        ("__nothing__", "no wildcard list"), ("__loop__", "in a circle"),
        ("__empty__", "has no lines"),
        (
            String(repeating: "{", count: 1000)
                + String(repeating: "}", count: 1000), "too deeply"
        ),
    ])
    func whatCannotBeExpandedIsSaidInASentence(prompt: String, reason: String) throws {
        let files = ["loop.txt": "a __pool__", "pool.txt": "b __loop__", "empty.txt": "# none"]
        try withLists(files) { expander in
            #expect {
                try expander.expanded(request(prompt))
            } throws: { error in
                let text = (error as? PromptExpansionError)?.summary ?? ""
                return text.hasPrefix("PROMPT: ") && text.contains(reason)
            }
        }
    }

    @Test func namesNeverLeaveTheFolder() throws {
        try withLists(["inner/a.txt": "x"]) { expander in
            for name in ["../../etc/passwd", "/etc/passwd", "inner/../inner/a", "."] {
                #expect(throws: PromptExpansionError.self) {
                    try expander.expanded(request("__\(name)__"))
                }
            }
        }
    }
}
