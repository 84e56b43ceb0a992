import Testing

@testable import Studio

@Suite("Editing text")
struct TextEditorTests {
    /// `|` is the cursor, `[` and `]` the selection with the cursor at its end.
    private static func editor(_ marked: String) -> TextEditor {
        var editor = TextEditor(marked.filter { !"|[]".contains($0) })
        let plain = Array(marked)
        if let start = plain.firstIndex(of: "["), let end = plain.firstIndex(of: "]") {
            editor.place(start, selecting: false)
            editor.place(end - 1, selecting: true)
        } else {
            editor.place(plain.firstIndex(of: "|") ?? editor.characters.count, selecting: false)
        }
        return editor
    }

    private static func marked(_ editor: TextEditor) -> String {
        var characters = editor.characters.map(String.init)
        if let selection = editor.selection {
            characters.insert("]", at: selection.upperBound)
            characters.insert("[", at: selection.lowerBound)
        } else {
            characters.insert("|", at: editor.cursor)
        }
        return characters.joined()
    }

    static let commands: [(String, String, @Sendable (inout TextEditor) -> Void, String)] = [
        ("type", "a|c", { $0.insert("b", isTyping: true) }, "ab|c"),
        ("type over the selection", "a[bc]d", { $0.insert("x") }, "ax|d"),
        ("delete left", "ab|c", { $0.delete(.left) }, "a|c"),
        ("delete an emoji of several scalars", "a👨‍👩‍👧|c", { $0.delete(.left) }, "a|c"),
        ("delete right", "a|bc", { $0.delete(.right) }, "a|c"),
        ("delete at the start", "|ab", { $0.delete(.left) }, "|ab"),
        ("delete the selection", "a[bc]d", { $0.delete(.left) }, "a|d"),
        ("word left", "red fox|", { $0.move(.wordLeft) }, "red |fox"),
        ("word right", "|red fox", { $0.move(.wordRight) }, "red| fox"),
        ("line start", "a\nbc|d", { $0.move(.lineStart) }, "a\n|bcd"),
        ("line end", "a|b\nc", { $0.move(.lineEnd) }, "ab|\nc"),
        ("text end", "a|b\nc", { $0.move(.textEnd) }, "ab\nc|"),
        ("left leaves the selection at its start", "a[bc]d", { $0.move(.left) }, "a|bcd"),
        ("select word", "red |fox", { $0.move(.wordRight, selecting: true) }, "red [fox]"),
        ("select all", "a|b", { $0.selectAll() }, "[ab]"),
        ("kill to the line end", "a|b\nc", { $0.delete(.lineEnd, kills: true) }, "a|\nc"),
        ("kill a line end", "a|\nc", { $0.delete(.lineEnd, kills: true) }, "a|c"),
        ("delete word left", "red fox|", { $0.delete(.wordLeft, kills: true) }, "red |"),
        ("transpose", "ab|c", { $0.transpose() }, "acb|"),
        (
            "cut and yank twice", "[ab]c",
            {
                $0.cut(); $0.yank(); $0.yank()
            }, "abab|c"
        ),
        (
            "a combining mark joins the letter before it", "e|f",
            { $0.insert("\u{301}", isTyping: true) }, "é|f"
        ),
        ("carriage returns become lines", "|", { $0.insert("a\r\nb\rc") }, "a\nb\nc|"),
    ]

    @Test("commands", arguments: commands.indices)
    func command(index: Int) {
        let (name, before, body, after) = Self.commands[index]
        var editor = Self.editor(before)
        body(&editor)
        #expect(Self.marked(editor) == after, "\(name)")
    }

    @Test("undo takes every change back, redo makes it again", arguments: commands.indices)
    func undo(index: Int) {
        let (name, before, body, _) = Self.commands[index]
        var editor = Self.editor(before)
        let text = editor.text
        body(&editor)
        let changed = editor.text
        while editor.canUndo { editor.undo() }
        #expect(editor.text == text, "\(name)")
        while editor.canRedo { editor.redo() }
        #expect(editor.text == changed, "\(name)")
    }

    @Test("a typed word is one step of undo")
    func typingSteps() {
        var editor = TextEditor()
        for character in "red fox" { editor.insert(String(character), isTyping: true) }
        editor.undo()
        #expect(editor.text == "red ")
        editor.undo()
        #expect(editor.text == "")
        editor.redo()
        editor.redo()
        #expect(editor.text == "red fox")
    }

    @Test("a change by the program is undone too")
    func programmaticChange() {
        var editor = TextEditor("typed")
        editor.setText("recalled")
        editor.undo()
        #expect(editor.text == "typed")
    }

    @Test("clusters that meet become one character and can be undone")
    func clustersMeet() {
        var editor = TextEditor("👩")
        editor.insert("\u{200D}👧")
        #expect(editor.characters.count == 1)
        editor.undo()
        #expect(editor.text == "👩")
    }

    @Test("a paste of 100 KB is quick, and so is typing in it")
    func largePaste() {
        var editor = TextEditor()
        let text = String(repeating: "a red fox, ", count: 9300)
        let clock = ContinuousClock()
        let time = clock.measure {
            editor.insert(text)
            for _ in 0..<10 { editor.insert("x", isTyping: true) }
        }
        #expect(editor.characters.count == 102_310)
        // Quadratic work would take minutes.
        #expect(time < .seconds(10))
    }
}
