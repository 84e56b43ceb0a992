import Foundation
import Generation
import Screen
import Testing

@testable import Studio

@Suite("Actions")
struct ActionTests {
    @Test(
        "no command of the palette fails without a word",
        arguments: Action.all.filter(\.isInPalette).map(\.id).filter {
            ![.focusPrompt, .focusHistory, .focusQueue].contains($0)
        }, [0, 1, 2])
    func nothingIsSilent(id: ActionID, situation: Int) {
        var studio = StudioDriver(prompt: "a castle", width: 140, height: 45)
        if situation > 0 {
            studio.send(
                .history([StudioDriver.entry("2", "a boat"), StudioDriver.entry("1", "b")]))
            studio.press("Alt-5", "Down")
        }
        if situation > 1 {
            studio.press("Alt-p", "Alt-1", "Enter", "Enter", "Alt-6")
        }
        studio.effects = []
        studio.state.status = nil
        let before = studio.screen
        studio.perform(id)
        #expect(
            studio.screen != before || !studio.takeEffects().isEmpty || studio.state.isEnding,
            "\(id) in situation \(situation)")
    }

    @Test("what is cut in one editor is pasted in the other")
    func cutAndPaste() {
        var studio = StudioDriver(prompt: "a castle, fog")
        studio.press("End", "Ctrl-W", "Alt-2", "Ctrl-Y")
        #expect(studio.state.negative.editor.text == "fog")
        studio.press("Alt-1", "Alt-w")
        #expect(studio.state.status?.text == "Copy: nothing is selected")
    }

    @Test("commands on text that are chosen elsewhere mean the prompt")
    func textFromElsewhere() {
        var studio = StudioDriver(prompt: "castle")
        studio.press("Alt-5", "Ctrl-P")
        studio.type("raise weight")
        studio.press("Enter")
        #expect(studio.state.prompt.editor.text == "(castle:1.1)")
        #expect(studio.state.focus == .prompt)
    }

    @Test("help is read page by page, and to its end and back")
    func helpPages() {
        var studio = StudioDriver(prompt: "a")
        studio.press("F1", "PageDown")
        let height = studio.state.size.height - StudioLayout.bars - 2
        #expect(studio.state.layers == [.help(scroll: height - 1)])
        studio.press("End")
        #expect(studio.state.layers == [.help(scroll: HelpView.lastScroll(studio.state))])
        studio.press("End", "Home")
        #expect(studio.state.layers == [.help(scroll: 0)])
    }

    @Test("a list without room for all of a line says the rest of the selected one below")
    func explanations() {
        var studio = StudioDriver(prompt: "a", width: 120, height: 40)
        studio.press("Ctrl-P", "Down", "Down")
        #expect(studio.screen.buffer.text(row: 38).contains("Leave; asks while work is under way."))
        studio.press("Esc", "Alt-v")
        studio.type("denoising")
        #expect(
            studio.screen.buffer.text(row: 38).contains(
                "Strength: needs a starting picture · denoising: 0 to 1; how much is replaced"))
    }

    @Test("every action is declared once and has a key", arguments: ActionID.allCases)
    func declared(id: ActionID) {
        let all = Action.all.filter { $0.id == id }
        #expect(all.count == 1)
        #expect(all.first?.bindings.isEmpty == false)
        #expect(all.first?.help.hasSuffix(".") == true)
    }

    @Test("no key means two actions in a pane", arguments: Scope.allCases)
    func unique(scope: Scope) {
        var seen: [KeyEvent: ActionID] = [:]
        for action in Action.all {
            for binding in action.bindings where binding.scope == scope {
                #expect(seen[binding.key] == nil, "\(binding.key.name): \(action.id)")
                seen[binding.key] = action.id
            }
        }
    }

    @Test("every action can be reached in its pane", arguments: ActionID.allCases)
    func reachable(id: ActionID) {
        let keymap = Keymap()
        #expect(
            Pane.allCases.contains { pane in
                keymap.keyName(of: id, in: pane) != nil
                    || keymap.keyName(of: id, in: pane, withCells: true) != nil
            })
    }

    @Test("every key name of the table is a key")
    func keysAreRead() {
        let keys = Action.all.flatMap(\.bindings)
        #expect(keys.count > 100)
        for action in Action.all where action.id == .generate {
            #expect(action.bindings.map(\.key.name).sorted() == ["Ctrl-G", "Enter", "Enter", "F5"])
        }
    }

    @Test("every action that is declared does something", arguments: ActionID.allCases)
    func carriedOut(id: ActionID) throws {
        var studio = StudioDriver(prompt: "red fox", width: 120, height: 40)
        studio.send(
            .history(
                (1...30).map { number in
                    var entry = StudioDriver.entry(
                        "\(number)", "prompt \(number)", date: Double(-number))
                    if number == 16 { entry.parent = "17" }
                    return entry
                }))
        studio.send(
            .library(
                Library(
                    styles: [.init(name: "ink", summary: "")],
                    presets: [.init(name: "draft", summary: "")],
                    themes: [.init(name: "dark", summary: "")])))
        prepare(&studio, for: id)
        let before = studio.state
        studio.effects = []
        studio.perform(id)
        #expect(
            studio.state != before || !studio.effects.isEmpty,
            "\(id) had no effect: \(studio.state.status?.text ?? "")")
        #expect(studio.state.status?.kind != .warning, "\(studio.state.status?.text ?? "")")
    }

    /// A state in which the action can do something.
    private func prepare(_ studio: inout StudioDriver, for id: ActionID) {
        let image = ImageReference(id: "i", width: 640, height: 640)
        let other = ImageReference(id: "j", width: 640, height: 640)
        studio.press("Enter", "Enter", "Enter", "Enter")
        studio.state.lastSeeds = [5]
        studio.state.preview.open(.job(1), count: 2)
        studio.state.preview.images = [image, image]
        studio.state.preview.comparison.first = .init(other, entry: nil)
        if [.strongerDifference, .weakerDifference].contains(id) {
            studio.state.preview.comparison.view = .difference
        }
        let scopes = Action.named(id)?.bindings.map(\.scope) ?? []
        if prepareSheet(&studio, for: id) { return }
        if id == .focusPrompt {
            studio.press("Alt-2")
        } else if scopes.contains(.editor) {
            studio.press("Alt-1")
            studio.state.prompt.editor.setText("red fox\nin the snow\nat dusk")
            studio.state.prompt.editor.place(14, selecting: false)
            studio.state.prompt.editor.insert("x")
            studio.state.prompt.editor.insert("y")
            if id == .redo { studio.press("Ctrl-_") }
            if id == .cut || id == .copy { studio.press("Shift-Left") }
            if id == .yank { studio.press("Ctrl-W") }
        } else if scopes.contains(.history) {
            studio.press("Alt-5")
            studio.state.history.select(15)
            if id == .fold || id == .unfold {
                studio.press("t")
                studio.state.history.show("17")
                if id == .unfold { studio.press("Left") }
            }
            if id == .undeleteEntry { studio.press("d", "Enter") }
        } else if scopes.contains(.queue), id != .togglePause {
            studio.press("Alt-6", "Down", "Down")
        } else if scopes.contains(.parameters) {
            studio.press("Alt-3", "Down", "Down", "Down", "Right")
        } else if scopes.contains(.preview) {
            studio.press("Alt-4")
            studio.state.preview.zoom = id == .zoomActual ? .fit : .factor(4)
        }
    }

    /// A grid, or a run with choices, for the actions on those.
    private func prepareSheet(_ studio: inout StudioDriver, for id: ActionID) -> Bool {
        switch id {
        case .sendToBackends: studio.state.backends.append(Backend(id: "other"))
        case .reroll:
            var entry = StudioDriver.entry("40", "a {red|blue} fox", date: 5)
            entry.request.expansion = PromptExpansion(prompt: "a red fox", negativePrompt: nil)
            entry.request.expansion?.draws = PromptDraws(
                seed: 7,
                draws: [.init(id: "prompt/0", source: "{red|blue}", picks: [0], options: 2)],
                rerolls: [:])
            studio.send(.history([entry]))
            studio.press("Alt-5")
        case .showSheet, .adoptCell, .openCell, .runCells, .stopCells:
            var cells = [4, 8].map { steps in
                var request = GenerationRequest(prompt: "a cat")
                request.backend = "fake"
                request.steps = steps
                return Sheet.Cell(label: "steps=\(steps)", request: request)
            }
            if id == .openCell || id == .adoptCell { cells[0].entry = "3" }
            if id == .runCells { cells[0].problem = "no memory" }
            var sheet = Sheet(.sweep, columns: ["4", "8"], cells: cells)
            sheet.selection = 0
            if id == .runCells {
                studio.state.sheet = sheet
                studio.press("Alt-g")
            } else {
                studio.send(.sheet(sheet, seed: 3))
            }
            if id == .showSheet { studio.press("Alt-5", "Down") }
        default: return false
        }
        return true
    }

    @Test("changed keys replace an action's own and win over others")
    func changedKeys() throws {
        let key = try #require(KeyEvent(name: "Ctrl-R"))
        let keymap = Keymap(changes: [.generate: [key]])
        #expect(keymap.action(for: key, in: .prompt) == .generate)
        #expect(keymap.action(for: KeyEvent(.enter), in: .prompt) == nil)
    }

    @Test("the README's table has every key of every action")
    func keyTable() {
        let table = KeyTable.markdown
        for binding in Action.all.flatMap(\.bindings) {
            #expect(table.contains("`\(binding.key.name)`"))
        }
        #expect(table.contains("| `Ctrl-Up` `Alt-+` `Alt-=` | Give the word"))
    }

    @Test("leaving asks only while work is under way")
    func quit() {
        var studio = StudioDriver(prompt: "a fox")
        studio.press("Enter", "Ctrl-Q")
        #expect(!studio.state.isEnding)
        studio.press("Esc")
        #expect(studio.state.layers.isEmpty)
        studio.press("Ctrl-Q", "Enter")
        #expect(studio.state.isEnding)
        var idle = StudioDriver()
        idle.press("Ctrl-Q")
        #expect(idle.state.isEnding)
    }

    @Test("the question whether to leave knows of jobs that end meanwhile")
    func quitLate() throws {
        var studio = StudioDriver(prompt: "a fox")
        studio.press("Enter", "Enter", "Ctrl-Q")
        func question() -> [String] {
            guard case .question(.quit, let text, let yes, _)? = studio.state.layers.last else {
                return []
            }
            return [text, yes]
        }
        #expect(
            question() == [
                "A job is running; 1 job comes back at the next start.", "Stop and quit",
            ])
        let first = try #require(studio.state.queue.running.first)
        studio.send(.job(first.id, .finished(GenerationSummary()), at: 1))
        #expect(question() == ["A job is running.", "Stop and quit"])
        let second = try #require(studio.state.queue.running.first)
        studio.send(.job(second.id, .finished(GenerationSummary()), at: 2))
        #expect(question() == ["All jobs are done.", "Quit"])
        studio.press("Enter")
        #expect(studio.state.isEnding)
    }

    @Test("what was typed and what waits survives in the draft")
    func draft() {
        var studio = StudioDriver(prompt: "a fox")
        studio.press("Enter", "Enter")
        _ = studio.state.set(.steps, to: "33")
        let draft = studio.state.draft
        var next = AppState(backends: [Backend(id: "fake")])
        next.restore(draft)
        #expect(next.prompt.editor.text == "a fox")
        #expect(next.parameters.request.steps == 33)
        #expect(next.queue.waiting.count == 1)
        #expect(next.queue.isPaused)
    }

    @Test("jobs that waited come back with parents, counts and replays")
    func waitingJobs() throws {
        var studio = StudioDriver(prompt: "a fox")
        studio.send(.history([StudioDriver.entry("7", "an owl")]))
        studio.state.parent = "7"
        studio.state.parameters.count = 3
        studio.press("Enter", "Enter")
        studio.press("Alt-5", "R")
        studio.state.parameters.count = 1
        let data = try JSONEncoder().encode(studio.state.draft)
        let draft = try JSONDecoder().decode(Draft.self, from: data)
        var next = AppState(backends: [Backend(id: "fake")])
        next.restore(draft)
        #expect(next.queue.waiting.map(\.parent) == ["7", nil])
        #expect(next.queue.waiting.map(\.randomSeeds) == [3, 0])
        #expect(next.queue.waiting.map(\.replays) == [[], ["7"]])
        #expect(next.replays["7"]?.state == .waiting)
    }

    @Test("a draft that holds requests alone is still read")
    func oldDraft() throws {
        var studio = StudioDriver(prompt: "a fox")
        studio.press("Enter", "Enter")
        let data = try JSONEncoder().encode(studio.state.draft)
        var object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let waiting = try #require(object["waiting"] as? [[String: Any]])
        object["waiting"] = waiting.map { $0["request"] }
        let draft = try JSONDecoder().decode(
            Draft.self, from: try JSONSerialization.data(withJSONObject: object))
        #expect(draft.waiting.map(\.request.prompt) == ["a fox"])
        #expect(draft.waiting.map(\.randomSeeds) == [1])
    }
}
