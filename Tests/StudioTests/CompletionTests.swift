import Generation
import Presets
import Screen
import Testing

@testable import Studio

@Suite("Completion")
struct CompletionTests {
    private static func studio(width: Int = 80) -> StudioDriver {
        var studio = StudioDriver(width: width)
        var library = Library(styles: [.init(name: "watercolour", summary: "soft")])
        library.loras = ["film-grain", "Fine_Lines", "oil"].map { .init(name: $0, summary: "") }
        library.embeddings = ["easynegative", "ease"].map { .init(name: $0, summary: "") }
        library.wildcards = ["animals", "places/cities"].map { .init(name: $0, summary: "") }
        studio.send(.library(library))
        _ = studio.takeEffects()
        return studio
    }

    private static func names(_ studio: StudioDriver) -> [String] {
        studio.state.completion?.items.map(\.name) ?? []
    }

    @Test(
        "what was typed calls for names",
        arguments: [
            ("a <", ["film-grain", "Fine_Lines", "oil", "watercolour"]),
            ("a <lor", ["film-grain", "Fine_Lines", "oil"]),
            ("a <lora:f", ["film-grain", "Fine_Lines"]), ("<lora:INE", ["Fine_Lines"]),
            ("<oi", ["oil"]), ("<style:wat", ["watercolour"]),
            ("<lora:oil:0.", []), ("<lora:oil>", []), ("x, y < z, f", []),
            ("__", ["animals", "places/cities"]), ("the__a", ["animals"]),
            ("__cit", ["places/cities"]), ("__animals__", []),
            ("__animals__ and __pl", ["places/cities"]),
            ("eas", ["easynegative", "ease"]), ("easyn", ["easynegative"]),
            ("e", []), ("easy!", []), ("please", []),
        ] as [(String, [String])])
    func triggers(typed: String, expected: [String]) {
        var studio = Self.studio()
        studio.type(typed)
        #expect(Self.names(studio) == expected)
    }

    @Test("words that a parameter binds to a file are completed before those of the folder")
    func boundWords() {
        var studio = Self.studio()
        _ = studio.state.set(.embeddings, to: "easter=a.safetensors, <fox>=b.safetensors")
        _ = studio.state.set(.imagePrompts, to: "plus cat.png word=mycat")
        studio.type("eas")
        #expect(Self.names(studio) == ["easter", "easynegative", "ease"])
        studio.type(" myc")
        #expect(Self.names(studio) == ["mycat"])
        studio.type(" <fo")
        #expect(Self.names(studio) == ["<fox>"])
        studio.press("Tab")
        #expect(studio.state.prompt.editor.text == "eas myc <fox>")
    }

    @Test("names that are read while one is typed are offered, but not after Escape")
    func lateNames() {
        var studio = StudioDriver()
        var library = Library()
        library.wildcards = [.init(name: "animals", summary: "")]
        studio.type("a __an")
        #expect(studio.state.completion == nil)
        studio.send(.library(library))
        #expect(Self.names(studio) == ["animals"])
        studio.press("Tab")
        #expect(studio.state.prompt.editor.text == "a __animals__")
        studio.type(" __a")
        studio.press("Esc")
        library.wildcards.append(.init(name: "apples", summary: ""))
        studio.send(.library(library))
        #expect(studio.state.completion == nil)
        studio.press("Left")
        studio.send(.library(Library()))
        #expect(studio.state.completion == nil)
    }

    @Test("Tab and Enter take the name; Up and Down select; it is undone as one step")
    func taking() {
        var studio = Self.studio()
        studio.type("a <lora:f")
        studio.press("Down", "Enter")
        #expect(studio.state.prompt.editor.text == "a <lora:Fine_Lines:1>")
        #expect(studio.state.completion == nil)
        #expect(!studio.takeEffects().contains { if case .start = $0 { true } else { false } })
        studio.press("Ctrl-_")
        #expect(studio.state.prompt.editor.text == "a <lora:f")
        studio.press("End")
        studio.type("i")
        studio.press("Tab")
        #expect(studio.state.prompt.editor.text == "a <lora:film-grain:1>")
        #expect(studio.state.focus == .prompt, "Tab did not move on")
    }

    @Test("Enter still generates while a word only happens to begin an embedding")
    func enterGenerates() {
        var studio = Self.studio()
        studio.type("eas")
        #expect(studio.state.completion != nil)
        studio.press("Enter")
        #expect(studio.takeEffects().contains { if case .start = $0 { true } else { false } })
        studio.type("y")
        studio.press("Down", "Enter")
        #expect(studio.state.prompt.editor.text == "easynegative")
    }

    @Test("a style becomes the parameter and leaves no text")
    func style() {
        var studio = Self.studio()
        studio.type("a fox <wat")
        studio.press("Tab")
        #expect(studio.state.prompt.editor.text == "a fox ")
        #expect(studio.state.parameters.request.style == "watercolour")
    }

    @Test("Esc, moving, pasting and changing the pane close it")
    func closing() {
        for close in ["Esc", "Left", "Alt-2", "Ctrl-P"] {
            var studio = Self.studio()
            studio.type("<")
            #expect(studio.state.completion != nil)
            studio.press(close)
            #expect(studio.state.completion == nil, "\(close)")
            #expect(studio.state.prompt.editor.text == "<")
        }
        var studio = Self.studio()
        studio.type("<")
        studio.send(.terminal(.paste("lora:o")))
        #expect(studio.state.completion == nil)
    }

    @Test("Alt-/ lists everything, and new files are looked for")
    func asked() {
        var studio = Self.studio()
        studio.press("Alt-/")
        #expect(Self.names(studio).count == 8)
        #expect(studio.takeEffects() == [.loadLibrary])
        studio.press("Esc")
        studio.type("e")
        studio.press("Alt-/")
        #expect(Self.names(studio) == ["easynegative", "ease"])
    }

    @Test("the popup stands under the cursor and inside the pane", arguments: [60, 80, 140])
    func popup(width: Int) {
        var studio = Self.studio(width: width)
        studio.type(String(repeating: "x", count: 30) + " <lora:")
        let frame = studio.screen
        let lines = frame.buffer.text.split(separator: "\n", omittingEmptySubsequences: false)
        let cursor = frame.cursor ?? Position(x: 0, y: 0)
        #expect(lines[cursor.y + 1].contains("film-grain"))
        #expect(lines[cursor.y + 3].contains("oil"))
        let pane = StudioLayout(studio.state).panes[.prompt] ?? .zero
        let end = TextWidth.width(of: String(lines[cursor.y + 1].prefix { $0 != "R" }))
        #expect(end < pane.maxX)
    }

    @Test("a known name of several words is known as a whole only")
    func vocabularyNames() {
        var studio = Self.studio()
        studio.send(.vocabulary("fake", ["a", "winter", "winter-home"]))
        studio.type("a Winter-Home, home-winter (winter-home:1.2)")
        let field = studio.state.prompt
        let colors = PromptColors(field, vocabulary: studio.state.backend?.vocabulary)
        let marked = field.editor.characters.indices.filter {
            colors.role(at: $0) == .promptUnknown
        }
        #expect(String(marked.map { field.editor.characters[$0] }) == "home")
        #expect(marked.first == 15)
    }

    @Test("words that the model does not know are marked, except the one under the cursor")
    func vocabulary() {
        var studio = Self.studio()
        studio.send(.vocabulary("fake", ["a", "lighthouse", "at", "night"]))
        studio.type("A lighthouse (qua: 1.2) <lora:oil:1> __animals__ dog")
        let field = studio.state.prompt
        let colors = PromptColors(
            field, vocabulary: studio.state.backend?.vocabulary, isTyping: true)
        let marked = field.editor.characters.indices.filter {
            colors.role(at: $0) == .promptUnknown
        }
        #expect(String(marked.map { field.editor.characters[$0] }) == "qua")
        let left = PromptColors(field, vocabulary: studio.state.backend?.vocabulary)
        #expect(left.role(at: field.editor.characters.count - 1) == .promptUnknown)
        studio.send(.vocabulary("fake", nil))
        #expect(
            PromptColors(field, vocabulary: studio.state.backend?.vocabulary).role(at: 15) == .text)
    }
}
