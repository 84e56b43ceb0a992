import Foundation
import Settings
import Testing

@Suite struct ConfigurationTests {
    @Test func theDocumentedExampleIsRead() throws {
        let configuration = try Configuration.parse(
            """
            {
              backends: {
                // any number of any kind
                "gpu-box": { kind: "comfyui", baseURL: "http://192.0.2.7:8188", parallelJobs: 1 },
                "segmind": { kind: "segmind", keyCommand: "pass show segmind" },
              },
              defaultBackend: "gpu-box",
              theme: 'midnight', /* a
              comment */
              keys: { "generate": ["F5", "ctrl+g"], quit: "q", zoom: null },
            }
            """, file: "config.json")
        let box = try #require(configuration.backends["gpu-box"])
        #expect(box.kind == .comfyui)
        #expect(box.baseURL?.absoluteString == "http://192.0.2.7:8188")
        #expect(box.parallelJobs == 1)
        #expect(configuration.backends["segmind"]?.keyCommand == "pass show segmind")
        #expect(configuration.defaultBackend == "gpu-box")
        #expect(configuration.theme == "midnight")
        #expect(configuration.keys == ["generate": ["F5", "ctrl+g"], "quit": ["q"], "zoom": []])
    }

    @Test func nothingGivenMeansTheDefaults() throws {
        #expect(try Configuration.parse("{}", file: "f") == Configuration())
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("no-such-folder")
        let folders = Folders(environment: ["LATENT_HOME": folder.path])
        #expect(try Configuration.load(from: folders) == Configuration())
    }

    /// A configuration and what is wrong with it: line and a part of each message.
    struct Wrong: Sendable {
        let text: String
        let expected: [(line: Int, part: String)]

        init(_ text: String, _ expected: [(line: Int, part: String)]) {
            self.text = text
            self.expected = expected
        }
    }

    static let wrong: [Wrong] = [
        Wrong("{\n thme: \"x\" }", [(2, "thme: no such key")]),
        Wrong("{ theme: 3 }", [(1, "theme: a text is needed, not a number")]),
        Wrong("{ theme: \"\" }", [(1, "theme: the text is empty")]),
        Wrong("{\n\n backends: [] }", [(3, "backends: an object is needed, not a list")]),
        Wrong("{ backends: { a: { } } }", [(1, "backends.a: \"kind\" is missing")]),
        Wrong(
            "{ backends: { a: { kind: \"x\" } } }", [(1, "backends.a.kind: \"x\" is not one of")]),
        Wrong(
            "{ backends: { local: { kind: \"a1111\" } } }",
            [(1, "backends.local: the name is taken")]
        ),
        Wrong(
            "{ backends: {\n a: { kind: \"a1111\",\n baseURL: \"ftp://x\",\n parallelJobs: 0.5,\n"
                + " timeout: true,\n key: \"secret-value\",\n nonsense: 1 } } }",
            [
                (3, "backends.a.baseURL: an address"),
                (4, "backends.a.parallelJobs: a whole number"),
                (5, "backends.a.timeout: a number is needed"),
                (6, "backends.a.key: keys are not kept"), (7, "backends.a.nonsense: no such key"),
            ]
        ),
        Wrong(
            "{ keys: { quit: 1, go: [2] } }",
            [(1, "keys.quit: a text or a list"), (1, "keys.go: a text")]
        ),
        Wrong("[]", [(1, "an object is needed, not a list")]),
        Wrong("", [(1, "a value is missing")]),
        Wrong("{\n theme: midnight\n}", [(2, "text needs quotes")]),
        Wrong("{ theme: \"a\"\n keys: {} }", [(2, "a comma or }")]),
        Wrong("{ theme \"a\" }", [(1, "a colon must follow")]),
        Wrong("{ theme: \"a\",\n theme: \"b\" }", [(2, "already given in line 1")]),
        Wrong("{} x", [(1, "nothing may follow")]),
        Wrong("{ /* never closed\n\n", [(1, "the comment has no end")]),
        Wrong("{ theme: \"open\n }", [(1, "no closing quote")]),
        Wrong("{", [(1, "a } is missing")]),
    ]

    @Test(arguments: wrong)
    func everyProblemNamesFileLineAndKey(_ wrong: Wrong) {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.parse(wrong.text, file: "/etc/config.json")
        }
        let problems = error?.problems ?? []
        #expect(problems.count == wrong.expected.count)
        for (problem, wanted) in zip(problems, wrong.expected) {
            #expect(problem.line == wanted.line)
            #expect(problem.text.contains(wanted.part), "\(problem.text)")
        }
        #expect(error?.summary.contains("secret-value") != true, "no value of a key is shown")
        #expect(error?.summary.hasPrefix("/etc/config.json, line ") == true)
    }

    @Test(arguments: [
        ("0x1F", PositionedValue.Content.number(31)), ("+.5", .number(0.5)), ("5.", .number(5)),
        ("-Infinity", .number(-.infinity)), ("1e3", .number(1000)), ("'a\\\nb'", .text("ab")),
        ("\"\\u00e9\\x41\\ud83d\\ude00\"", .text("éA😀")), ("[1,]", nil), ("true", .bool(true)),
    ])
    func json5ValuesAreRead(_ text: String, _ expected: PositionedValue.Content?) throws {
        let value = try JSON5Parser.parse(text)
        if let expected { #expect(value.content == expected) }
    }

    @Test(arguments: ["1x", "\"\\ud83d\"", "[1 2]", "{a}", "nul", "/", "\"\\u12\"", "NaNa"])
    func whatIsNoJSON5IsRefused(_ text: String) {
        #expect(throws: JSON5Error.self) { try JSON5Parser.parse(text) }
    }

    @Test func deepNestingIsRefusedNotFollowed() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSON5Error.self) { try JSON5Parser.parse(text) }
    }

    @Test func groupsNameBackendsThatAreThere() throws {
        let configuration = try Configuration.parse(
            """
            {backends: {a: {kind: "a1111"}, b: {kind: "comfyui", pollInterval: 0.5}},
             groups: {boxes: ["a", "b", "segmind"]}}
            """, file: "config.json")
        #expect(configuration.groups == ["boxes": ["a", "b", "segmind"]])
        #expect(configuration.backends["b"]?.pollInterval == 0.5)
        #expect(throws: ConfigurationError.self) {
            try Configuration.parse(
                #"{groups: {boxes: ["nobody"], segmind: ["a"], empty: []}}"#, file: "config.json")
        }
    }

    @Test func aKeyComesFromThePlaceThatIsNamed() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("key")
        try Data("from-file\nsecond line\n".utf8).write(to: file)
        var settings = BackendSettings(kind: .segmind)
        func key(_ environment: [String: String] = [:]) async throws -> String? {
            try await KeySource(name: "s", settings: settings, environment: environment).key()
        }
        #expect(try await key() == nil)
        #expect(try await key(["SEGMIND_API_KEY": "from-kind"]) == "from-kind")
        settings.keyFile = file.path
        for (mode, isTaken) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            try FileManager.default.setAttributes(
                [.posixPermissions: mode], ofItemAtPath: file.path)
            let found = try? await key(["SEGMIND_API_KEY": "from-kind"])
            #expect(found == (isTaken ? "from-file" : nil))
        }
        settings.keyCommand = "printf 'from-command\\n'"
        #expect(try await key() == "from-command")
        settings.keyCommand = "printf secret >&2; exit 4"
        await #expect { try await key() } throws: { error in
            "\(error)".contains("status 4") && !"\(error)".contains("secret")
        }
        settings.keyVariable = "MINE"
        #expect(try await key(["MINE": "from-variable"]) == "from-variable")
        await #expect(throws: KeySource.Problem.self) { try await key() }
    }
}
