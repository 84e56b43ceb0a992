import Foundation
import Generation
import Presets
import Testing

/// A folder with the given files, removed when the body returns.
private func withFolder(_ files: [String: String], _ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("presets-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    try body(folder)
}

@Suite struct PresetFilesTests {
    @Test func errorsNameFileLineAndKey() throws {
        let text = """
            {
              group: "Mine",
              styles: {
                good: { prompt: "a {prompt} b", negative: "n" },
                slotless: { prompt: "no place" },
                typed: { prompt: 3 },
              },
              presets: {
                odd: { set: { steps: "many", prompt: "x",
                  sampler: "euler" } },
                empty: {},
                shape: { aspect: "1:99" },
              },
              stray: 1,
            }
            """
        try withFolder(["mine.json5": text]) { folder in
            let library = PresetLibrary.load(userFolder: folder, shippedFolder: folder)
            let places = library.problems.map { "\($0.line) \($0.key) \($0.isWarning)" }
            #expect(
                Set(places).isSuperset(of: [
                    "5 styles.slotless.prompt false", "6 styles.typed.prompt false",
                    "9 presets.odd.set.steps false", "9 presets.odd.set.prompt false",
                    "11 presets.empty false", "12 presets.shape.aspect false", "14 stray true",
                ]))
            #expect(library.problems.allSatisfy { $0.summary.contains("mine.json5:") })
            #expect(library.styles.map(\.name) == ["good"])
            #expect(library.parameters(named: "odd")?.fields == [.sampler])
        }
    }

    @Test func brokenFilesDoNotHideOthers() throws {
        let files = [
            "a.json5": "{ styles: { x: { prompt: '{prompt}' } } }", "b.json5": "{ styles: ",
            "c.json5": "[1]", "d.json5": "\u{0}", "e.txt": "{",
        ]
        try withFolder(files) { folder in
            let library = PresetLibrary.load(userFolder: nil, shippedFolder: folder)
            #expect(library.styles.map(\.name) == ["x"])
            #expect(library.problems.count == 3)
        }
    }

    @Test func theUsersEntryReplacesTheShippedOne() throws {
        try withFolder(["u.json5": "{ styles: { pencil: { prompt: 'my {prompt}' } } }"]) { folder in
            let library = PresetLibrary.load(userFolder: folder)
            #expect(library.style(named: "pencil")?.prompt == "my {prompt}")
            #expect(library.styles.filter { $0.name == "pencil" }.count == 1)
        }
    }

    @Test func themesWarnOfUnknownKeysAndKeepTheRest() throws {
        let text = """
            {
              summary: "x", background: "dark", typo: 1,
              colors: { sea: "#0080ff", red: "#ff0000", bad: "#12" },
              roles: {
                text: "sea", nothing: "sea",
                selection: { bg: "sea", bold: true, blink: true, fg: "mud" },
                popup: 4,
              },
            }
            """
        try withFolder(["mine.json5": text]) { folder in
            let library = ThemeLibrary.load(userFolder: folder, shippedFolder: folder)
            // The folder is read twice, as shipped and as the user's.
            let places = Set(library.problems.map { "\($0.line) \($0.key) \($0.isWarning)" })
            #expect(
                places == [
                    "2 typo true", "3 colors.red false", "3 colors.bad false",
                    "5 roles.nothing true",
                    "6 roles.selection.blink true", "6 roles.selection.fg false",
                    "7 roles.popup false",
                ])
            let theme = try #require(library["mine"])
            #expect(theme[.text].foreground == .rgb(0, 0x80, 0xFF))
            #expect(theme[.selection].attributes == .bold)
            #expect(theme[.borderFocused] == theme[.text])
            #expect(library.theme(named: "absent") == .builtIn)
        }
    }
}

@Suite struct StylePresetTests {
    private let style = StylePreset(
        name: "s", title: "S", group: "g", prompt: "oil painting of {prompt}, thick",
        negative: "photo")

    @Test(arguments: [
        ("a fox", "oil painting of a fox, thick"), ("", "oil painting of, thick"),
        (" a {b|c} {prompt} ", "oil painting of a {b|c} {prompt}, thick"),
    ])
    func thePromptFillsTheSlotOnce(typed: String, expected: String) {
        #expect(style.expansion(prompt: typed, negativePrompt: nil).prompt == expected)
    }

    @Test func negativesAreJoined() {
        #expect(style.expansion(prompt: "", negativePrompt: nil).negativePrompt == "photo")
        #expect(style.expansion(prompt: "", negativePrompt: "fog").negativePrompt == "fog, photo")
        let plain = StylePreset(name: "p", title: "P", group: "g", prompt: "{prompt}")
        #expect(plain.expansion(prompt: "x", negativePrompt: nil).negativePrompt == nil)
        #expect(plain.expansion(prompt: "x", negativePrompt: "").negativePrompt == "")
    }

    @Test func aRequestRecordsTheExpansion() throws {
        let library = PresetLibrary.load(userFolder: nil)
        var request = GenerationRequest(prompt: "a fox")
        #expect(try library.applyingStyle(to: request) == request)
        request.style = "oil-painting"
        let styled = try library.applyingStyle(to: request)
        #expect(styled.prompt == "a fox")
        #expect(styled.effectivePrompt.hasPrefix("oil painting of a fox"))
        request.style = "no such"
        #expect(throws: UnknownStyle.self) { try library.applyingStyle(to: request) }
    }
}

@Suite struct ParameterPresetTests {
    private let library = PresetLibrary.load(userFolder: nil)

    @Test func givenFieldsStay() throws {
        let preset = try #require(library.parameters(named: "lightning"))
        var request = GenerationRequest(prompt: "x")
        request.steps = 9
        let result = preset.applied(to: request, defaults: RequestDefaults(), keeping: [.steps])
        #expect(result.steps == 9)
        #expect(result.guidanceScale == 1)
        #expect(result.prompt == "x")
    }

    @Test(arguments: [
        ("portrait", 1024, 832, 1216), ("landscape", 1024, 1216, 832), ("square", 1024, 1024, 1024),
        ("wide", 1024, 1344, 768), ("portrait", 256, 208, 312), ("square", 128, 128, 128),
    ])
    func shapesFollowTheModel(name: String, side: Int, width: Int, height: Int) throws {
        let preset = try #require(library.parameters(named: name))
        let defaults = RequestDefaults(width: side, height: side)
        let result = preset.applied(to: GenerationRequest(prompt: ""), defaults: defaults)
        #expect(result.width == width)
        #expect(result.height == height)
        let kept = preset.applied(
            to: GenerationRequest(prompt: ""), defaults: defaults, keeping: [.width])
        #expect(kept.height == nil)
    }
}

@Suite struct ThemeColorTests {
    @Test(arguments: [
        ("#ff8000", ThemeColor.rgb(255, 128, 0)), ("default", .standard), ("red", .indexed(1)),
        ("bright-white", .indexed(15)), ("200", .indexed(200)),
    ])
    func namesAreRead(text: String, color: ThemeColor) {
        #expect(ThemeColor(text) == color)
    }

    @Test(arguments: ["", "#fff", "#gggggg", "256", "-1", "Red", "#1234567", "#+12345"])
    func otherTextIsNoColour(text: String) {
        #expect(ThemeColor(text) == nil)
    }

    @Test func coloursReduceToTheNearest() {
        #expect(ThemeColor.rgb(250, 5, 5).reduced(to: .indexed16) == .indexed(9))
        #expect(ThemeColor.rgb(250, 250, 250).reduced(to: .indexed16) == .indexed(15))
        #expect(ThemeColor.rgb(95, 135, 175).reduced(to: .indexed256) == .indexed(67))
        #expect(ThemeColor.rgb(8, 8, 8).reduced(to: .indexed256) == .indexed(232))
        #expect(ThemeColor.indexed(67).reduced(to: .indexed256) == .indexed(67))
        #expect(ThemeColor.rgb(1, 2, 3).reduced(to: .monochrome) == .standard)
    }
}
