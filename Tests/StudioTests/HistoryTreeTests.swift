import Generation
import Screen
import Testing

@testable import Studio

@Suite("History as a tree, with pictures, for several entries")
struct HistoryTreeTests {
    /// Newest first: a lighthouse from which a fox and an owl were made, and a boat on its own.
    private static func studio(width: Int = 120, height: Int = 40) -> StudioDriver {
        var studio = StudioDriver(prompt: "mine", width: width, height: height)
        studio.send(.history(family))
        studio.press("Alt-5")
        studio.effects = []
        return studio
    }

    private static var family: [HistoryEntry] {
        let parents = ["5": "3", "4": "1", "3": "1"]
        let prompts = ["an owl at night", "a red fox", "an owl", "a boat", "a lighthouse"]
        return zip((1...5).reversed(), prompts).map { number, prompt in
            var entry = StudioDriver.entry(
                "\(number)", prompt, seed: UInt64(number), date: Double(number))
            entry.parent = parents["\(number)"]
            entry.session = number > 2 ? "2026-11-21-b.jsonl" : "2026-11-20-a.jsonl"
            return entry
        }
    }

    @Test("parents stand above what was made from them, the newest family first")
    func order() {
        var studio = Self.studio()
        studio.press("t")
        #expect(studio.state.history.visible.map(\.id) == ["1", "4", "3", "5", "2"])
        #expect(studio.state.history.rows.map(\.guide) == ["", "├╴", "└╴", "  └╴", ""])
        // The selection stays on its entry.
        #expect(studio.state.history.selected?.id == "5")
        studio.press("t")
        #expect(studio.state.history.visible.map(\.id) == ["5", "4", "3", "2", "1"])
        #expect(studio.state.history.selected?.id == "5")
    }

    @Test("Left folds a family and then goes to the parent, Right unfolds")
    func folding() {
        var studio = Self.studio()
        studio.press("t", "Left")
        #expect(studio.state.history.selected?.id == "3")
        studio.press("Left")
        #expect(studio.state.history.visible.map(\.id) == ["1", "4", "3", "2"])
        #expect(studio.screen.buffer.text.contains("▸1 an owl"))
        studio.press("Left", "Left")
        #expect(studio.state.history.visible.map(\.id) == ["1", "2"])
        #expect(studio.state.history.rows.first?.hidden == 3)
        studio.press("Right")
        #expect(studio.state.history.visible.map(\.id) == ["1", "4", "3", "2"])
    }

    @Test("a search in the tree hangs what it finds below the nearest ancestor that it finds")
    func searchInTree() {
        var studio = Self.studio()
        studio.press("t", "/")
        studio.type("ight")
        studio.press("Enter")
        // Not found: "an owl", from which "an owl at night" was made.
        #expect(studio.state.history.visible.map(\.id) == ["1", "5"])
        #expect(studio.state.history.rows.map(\.guide) == ["", "└╴"])
    }

    @Test("parents that are younger or in a circle do not matter")
    func circles() {
        var studio = StudioDriver()
        var one = StudioDriver.entry("1", "one", date: 1)
        var two = StudioDriver.entry("2", "two", date: 2)
        (one.parent, two.parent) = ("2", "1")
        var own = StudioDriver.entry("3", "three", date: 3)
        own.parent = "3"
        studio.send(.history([own, two, one]))
        studio.press("Alt-5", "t")
        #expect(studio.state.history.visible.map(\.id) == ["3", "1", "2"])
    }

    @Test("a chain of ten thousand tweaks is a tree too")
    func longChain() {
        var studio = StudioDriver(width: 120, height: 40)
        let chain = (1...10_000).reversed().map { number in
            var entry = StudioDriver.entry("\(number)", "p \(number)", date: Double(number))
            entry.parent = "\(number - 1)"
            return entry
        }
        studio.send(.history(chain))
        studio.press("Alt-5", "t", "End")
        #expect(studio.state.history.rows.count == 10_000)
        #expect(studio.state.history.rows.allSatisfy { $0.guide.count <= 20 })
        #expect(studio.state.history.selected?.id == "10000")
        #expect(studio.screen.buffer.text.contains("p 10000"))
    }

    @Test("the tree on the screen", arguments: [(80, 24), (140, 45), (60, 16)])
    func snapshot(width: Int, height: Int) {
        var studio = Self.studio(width: width, height: height)
        for entry in ["5", "4", "3", "2", "1"] {
            let image = ImageReference(id: "small \(entry)", width: 96, height: 72)
            studio.send(.thumbnail(entry: entry, image))
        }
        studio.press("t", "Down", "Space")
        studio.state.replays["4"] = EntryReplay(.different, "PSNR 12.3 dB, steps became 8")
        studio.state.replays["3"] = EntryReplay(.identical)
        expectSnapshot(studio.screen, "tree-\(width)x\(height)")
    }

    @Test(
        "pictures are asked for once, for what is in view, and dropped from the screen by a popup")
    func thumbnails() {
        var studio = StudioDriver(width: 140, height: 45)
        let entries = (1...100).reversed().map {
            StudioDriver.entry("\($0)", "p", date: Double($0))
        }
        studio.send(.history(entries))
        let asked = studio.takeEffects().compactMap { effect -> [String]? in
            if case .loadThumbnails(let ids) = effect { ids } else { nil }
        }
        #expect(asked.count == 1)
        #expect(asked.first?.first == "100")
        let count = asked.first?.count ?? 0
        #expect((5...20).contains(count))
        studio.press("Tab")
        studio.type("x")
        #expect(
            !studio.takeEffects().contains { if case .loadThumbnails = $0 { true } else { false } })
        studio.send(.thumbnail(entry: "100", ImageReference(id: "small 100", width: 9, height: 9)))
        // One whose file is gone is not asked for again.
        studio.send(.thumbnail(entry: "99", nil))
        #expect(studio.screen.placements.map(\.imageID) == ["small 100"])
        studio.effects = []
        studio.press("F1")
        #expect(studio.screen.placements.isEmpty)
        studio.press("Esc")
        #expect(
            !studio.takeEffects().contains {
                if case .loadThumbnails(let ids) = $0 { ids.contains("99") } else { false }
            })
    }

    @Test("small pictures out of view are forgotten when there are many, and asked for again")
    func manyThumbnails() {
        var studio = StudioDriver(width: 140, height: 45)
        let count = 3 * AppState.mostThumbnails
        studio.send(
            .history(
                (1...count).reversed().map { StudioDriver.entry("\($0)", "p", date: Double($0)) }))
        for entry in (1...count).reversed() {
            studio.send(
                .thumbnail(
                    entry: "\(entry)", ImageReference(id: "small \(entry)", width: 9, height: 9)))
        }
        #expect(studio.state.thumbnails.count <= AppState.mostThumbnails)
        #expect(studio.state.thumbnails["\(count)"] != nil)
        studio.effects = []
        studio.press("Alt-5", "End")
        let asked = studio.takeEffects().compactMap { effect -> [String]? in
            if case .loadThumbnails(let ids) = effect { ids } else { nil }
        }
        // The last ones were told after the others had been forgotten.
        #expect(asked.isEmpty)
        studio.press("Home", "PageDown", "PageDown")
        #expect(
            studio.takeEffects().contains { if case .loadThumbnails = $0 { true } else { false } })
    }

    @Test("moving the selection leaves the pictures where they are until it leaves the pane")
    func steady() {
        var studio = StudioDriver(width: 140, height: 45)
        studio.send(
            .history(
                (1...100).reversed().map { StudioDriver.entry("\($0)", "p", date: Double($0)) }))
        studio.press("Alt-5")
        let shown = HistoryView.shownRows(
            studio.state, in: StudioLayout(studio.state).panes[.history]!)
        for _ in 1..<shown { studio.press("Down") }
        #expect(studio.state.history.scroll == 0)
        studio.press("Down")
        #expect(studio.state.history.scroll > shown / 3)
        #expect(studio.state.history.selection == shown)
    }

    @Test("several entries are picked, starred, tagged, deleted and brought back together")
    func several() {
        var studio = Self.studio()
        studio.press("Space", "Space", "*")
        #expect(studio.state.history.visible.filter(\.isStarred).map(\.id) == ["5", "4"])
        studio.press("#")
        studio.type("sea, sea")
        studio.press("Enter")
        #expect(studio.state.history.entry("5")?.tags == ["sea"])
        #expect(studio.state.history.entry("4")?.tags == ["sea"])
        #expect(studio.state.history.entry("3")?.tags == [])
        studio.effects = []
        studio.press("d", "Enter")
        #expect(
            studio.takeEffects().filter { if case .delete = $0 { true } else { false } }.count == 2)
        #expect(studio.state.history.visible.map(\.id) == ["3", "2", "1"])
        studio.press("u")
        #expect(studio.state.history.visible.map(\.id) == ["5", "4", "3", "2", "1"])
        studio.press("Ctrl-A")
        #expect(studio.state.history.picked.count == 5)
        studio.press("Ctrl-A")
        #expect(studio.state.history.picked.isEmpty)
    }

    @Test("control characters do not reach notes and tags")
    func controls() {
        var studio = Self.studio()
        studio.press("n")
        studio.send(.terminal(.paste("fine\u{1B}[31m red\u{7}\nline")))
        studio.press("Enter", "#")
        studio.send(.terminal(.paste("a\u{1B}b c\u{0}")))
        studio.press("Enter")
        #expect(studio.state.history.entry("5")?.note == "fine[31m red line")
        #expect(studio.state.history.entry("5")?.tags == ["ab", "c"])
    }

    @Test("filters: a kind, a tag, a family, a session")
    func filters() {
        var studio = Self.studio()
        studio.press("End", "f")
        studio.type("tweaks")
        studio.press("Enter")
        #expect(studio.state.history.visible.map(\.id) == ["5", "4", "3", "1"])
        studio.press("o")
        studio.type("11-20")
        studio.press("Enter")
        #expect(studio.state.history.visible.map(\.id) == ["2", "1"])
        #expect(studio.screen.buffer.text.contains("History: 2026-11-20-a"))
        studio.press("f")
        studio.type("all")
        studio.press("Enter", "*", "f")
        studio.type("starred")
        studio.press("Enter")
        #expect(studio.state.history.visible.count == 1)
    }

    @Test("what another process writes is shown at once, and the selection stays on its entry")
    func otherProcess() {
        var studio = Self.studio()
        studio.press("Down", "Down")
        var starred = Self.family[3].brief
        starred.isStarred = true
        studio.send(
            .journalChanged([StudioDriver.entry("6", "new", date: 6), starred], gone: ["4"]))
        #expect(studio.state.history.visible.map(\.id) == ["6", "5", "3", "2", "1"])
        #expect(studio.state.history.selected?.id == "3")
        #expect(studio.state.history.entry("2")?.isStarred == true)
        #expect(studio.state.history.entry("2")?.isComplete == true)
    }
}
