import Screen
import Testing

@testable import Studio

@Suite("Studio keys of the configuration")
struct KeymapTests {
    @Test("Esc and a function or control key that arrive together are both pressed")
    func escapeAndKey() {
        var studio = StudioDriver(prompt: "a")
        studio.press("F3")
        #expect(studio.screen.buffer.text.contains("Sampler"))
        studio.press("Alt-F1")
        #expect(studio.state.layers.count == 1)
        #expect(studio.screen.buffer.text.contains("Esc closes"))
        studio.press("Ctrl-Alt-p")
        #expect(studio.screen.buffer.text.contains("Commands"))
    }

    private static func key(_ name: String) throws -> KeyEvent {
        try #require(KeyEvent(name: name))
    }

    @Test("configured keys replace an action's own; an empty list takes them away")
    func configured() throws {
        let keymap = try Keymap(configured: ["redraw": ["Ctrl-O"], "suspend": []])
        #expect(keymap.action(for: try Self.key("Ctrl-O"), in: .prompt) == .redraw)
        #expect(keymap.action(for: try Self.key("Ctrl-L"), in: .prompt) == nil)
        #expect(keymap.action(for: try Self.key("Ctrl-Z"), in: .prompt) == nil)
        #expect(keymap.keyName(of: .suspend, in: .prompt) == nil)
        #expect(try Keymap(configured: [:]) == Keymap())
    }

    @Test("a letter means an action only where letters are not typed")
    func letters() throws {
        let keymap = try Keymap(configured: ["generate": ["F5", "G"]])
        #expect(keymap.action(for: try Self.key("G"), in: .prompt) == nil)
        #expect(keymap.action(for: try Self.key("G"), in: .history) == .generate)
        #expect(keymap.action(for: try Self.key("F5"), in: .prompt) == .generate)
        #expect(keymap.action(for: try Self.key("Enter"), in: .prompt) == nil)
    }

    @Test(
        "what is wrong is named with its key",
        arguments: [
            (["makePicture": ["F5"]], "keys.makePicture: there is no such action"),
            (["Undo": ["F5"]], "keys.Undo: there is no such action; similar: undo"),
            (["quit": ["Ctrl-Enterr"]], "keys.quit: \"Ctrl-Enterr\" is no key"),
            (["quit": ["Shift-q"]], "keys.quit: \"Shift-q\" is no key"),
            (["quit": [""]], "keys.quit: \"\" is no key"),
            (["undo": ["u"]], "keys.undo: \"u\" is typed in the editors"),
            (["undo": ["F12"], "redo": ["F12"]], "keys.undo: \"F12\" is also the key of redo"),
        ])
    func problems(keys: [String: [String]], expected: String) {
        let error = #expect(throws: KeymapError.self) { try Keymap(configured: keys) }
        #expect(error?.summary.hasPrefix(expected) == true, "\(error?.summary ?? "")")
    }

    @Test("all problems are told at once")
    func all() {
        let error = #expect(throws: KeymapError.self) {
            try Keymap(configured: ["nothing": ["F5"], "quit": ["Ctrl-Bogus"]])
        }
        #expect(error?.problems.count == 2)
    }
}
