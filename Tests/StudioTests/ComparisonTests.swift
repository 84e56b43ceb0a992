import Generation
import Screen
import Testing

@testable import Studio

@Suite("Two pictures against each other, zoom, grid")
struct ComparisonTests {
    private static func image(_ id: String, _ width: Int = 256, _ height: Int = 192)
        -> ImageReference
    {
        ImageReference(id: id, width: width, height: height)
    }

    /// Three entries with their pictures on the screen as they are selected.
    private static func studio(width: Int = 140, height: Int = 45) -> StudioDriver {
        var studio = StudioDriver(width: width, height: height)
        studio.send(
            .history((1...3).reversed().map { StudioDriver.entry("\($0)", "p", date: Double($0)) }))
        studio.press("Alt-5", "T")
        studio.effects = []
        return studio
    }

    private static func select(_ key: String, _ entry: String, in studio: inout StudioDriver) {
        studio.press(key)
        studio.send(.picture(entry: entry, index: 0, image("p\(entry)")))
    }

    private static func shown(_ studio: StudioDriver) -> [String] {
        studio.screen.placements.map(\.imageID)
    }

    @Test("A and B flip in the same place, and the difference comes with its figures")
    func flip() {
        var studio = Self.studio()
        Self.select("Down", "2", in: &studio)
        studio.press("A")
        Self.select("Down", "1", in: &studio)
        studio.press("B")
        #expect(studio.takeEffects().contains(.keepPictures(["p2", "p1"])))
        Self.select("Home", "3", in: &studio)
        #expect(Self.shown(studio) == ["p3"])
        studio.press("v")
        #expect(Self.shown(studio) == ["p2"])
        #expect(studio.screen.buffer.text.contains("Preview: A"))
        studio.press("v")
        #expect(Self.shown(studio) == ["p1"])
        #expect(studio.screen.buffer.text.contains("Preview: B"))
        studio.press("v", "D")
        let effects = studio.takeEffects()
        #expect(effects.contains(.difference(Self.image("p2"), Self.image("p1"), gain: nil)))
        #expect(studio.screen.buffer.text.contains("comparing …"))
        let result = PictureDifference(
            first: "p2", second: "p1", gain: 8, image: Self.image("d"), decibels: 31.24,
            share: 0.123, largest: 34, isScaled: false)
        studio.send(.difference(result))
        #expect(Self.shown(studio) == ["d"])
        #expect(
            studio.screen.buffer.text.contains(
                "PSNR 31.2 dB · 12 % differ, up to 34 · ×8"))
        expectSnapshot(studio.screen, "difference-140x45")
        studio.press("D")
        #expect(Self.shown(studio) == ["p3"])
        #expect(studio.screen.buffer.text.contains(" A"))
    }

    @Test("without B, A is held against what is shown; equal pictures say so")
    func withoutSecond() {
        var studio = Self.studio()
        Self.select("Down", "2", in: &studio)
        studio.press("A", "D")
        #expect(studio.state.status?.text == "Difference: A is the picture that is shown")
        Self.select("Down", "1", in: &studio)
        studio.press("Alt-4", "d", "]")
        #expect(
            studio.takeEffects().suffix(2) == [
                .difference(Self.image("p2"), Self.image("p1"), gain: nil),
                .difference(Self.image("p2"), Self.image("p1"), gain: 16),
            ])
        // The answer to the first question comes late.
        studio.send(
            .difference(
                PictureDifference(
                    first: "p2", second: "p1", gain: 8, image: Self.image("old"), decibels: nil,
                    share: 0, largest: 0, isScaled: false)))
        #expect(Self.shown(studio).isEmpty)
        studio.send(
            .difference(
                PictureDifference(
                    first: "p2", second: "p1", asked: 16, gain: 16, image: Self.image("new"),
                    decibels: nil,
                    share: 0, largest: 0, isScaled: false)))
        #expect(studio.screen.buffer.text.contains("identical, bit for bit"))
        studio.press("u")
        #expect(studio.state.preview.comparison == Comparison())
        #expect(Self.shown(studio) == ["p1"])
    }

    @Test("a replay that came out otherwise is held against what was recorded")
    func replayed() {
        var studio = Self.studio()
        Self.select("Down", "2", in: &studio)
        studio.state.replays["2"] = EntryReplay(.different, picture: Self.image("again"))
        studio.press("D")
        #expect(
            studio.takeEffects().contains(
                .difference(Self.image("p2"), Self.image("again"), gain: nil)))
        #expect(studio.screen.buffer.text.contains("recorded against replayed"))
    }

    @Test("1:1 shows a screen pixel per picture pixel; moving stops at the edges, by pixels too")
    func zoom() throws {
        var studio = Self.studio()
        studio.press("Down")
        studio.send(.picture(entry: "2", index: 0, Self.image("p2", 2048, 2048)))
        studio.press("Alt-4", "o")
        let frame = try #require(StudioLayout(studio.state).panes[.preview])
        let area = PreviewView.pictureArea(frame)
        let crop = try #require(studio.screen.placements.first?.crop)
        #expect(crop.width == area.width * 10)
        #expect(crop.height == area.height * 20 / 6 * 6)
        #expect(studio.screen.placements.first?.scale == 1)
        for _ in 0..<100 { studio.press("Left") }
        #expect(studio.screen.placements.first?.crop?.x == 0)
        studio.press("Shift-Right")
        #expect(studio.screen.placements.first?.crop?.x == 1)
        for _ in 0..<100 { studio.press("Down") }
        let bottom = try #require(studio.screen.placements.first?.crop)
        #expect(bottom.maxY == 2048)
        studio.press("Shift-Up")
        #expect(studio.screen.placements.first?.crop?.y == bottom.y - 1)
        studio.press("+", "+", "+", "+", "+")
        #expect(studio.screen.placements.first?.scale == 16)
        studio.press("0")
        #expect(studio.screen.placements.first?.crop == nil)
    }

    @Test("where a picture may stay invisible, the reason stands in its place")
    func doubt() {
        var studio = Self.studio()
        studio.state.pictureNotice = "This terminal says that it has no sixel pictures"
        #expect(!studio.screen.buffer.text.contains("This terminal"))
        Self.select("Down", "2", in: &studio)
        #expect(studio.screen.buffer.text.contains("This terminal says that it has no sixel"))
        #expect(Self.shown(studio) == ["p2"])
    }

    @Test("magnifying always shows more of a small picture's pixels, and never less than before")
    func magnifying() throws {
        var studio = Self.studio()
        studio.press("Down")
        studio.send(.picture(entry: "2", index: 0, Self.image("p2", 64, 64)))
        studio.press("Alt-4")
        let fit = studio.state.fitScale
        #expect(fit > 4 && fit < 16)
        studio.press("+")
        #expect(try #require(studio.state.preview.zoom.scale) > fit)
        studio.press("-")
        #expect(studio.state.preview.zoom == .fit)
        studio.press("-")
        #expect(try #require(studio.state.preview.zoom.scale) < fit)
        for _ in 0..<8 { studio.press("-") }
        #expect(studio.state.preview.zoom == .factor(1))
        // A large one fits only when it is reduced; the steps begin there.
        studio.press("0")
        studio.send(.picture(entry: "2", index: 0, Self.image("p2", 2048, 2048)))
        let small = studio.state.fitScale
        #expect(small > 0.25 && small < 0.5)
        studio.press("+")
        #expect(studio.state.preview.zoom == .reduced(2))
        #expect(studio.screen.buffer.text.contains("2048×2048 · 50 %"))
        let crop = try #require(studio.screen.placements.first?.crop)
        #expect(crop.width < 2048)
        studio.press("+")
        #expect(studio.state.preview.zoom == .factor(1))
        studio.press("-", "-")
        #expect(studio.state.preview.zoom == .fit)
    }

    @Test("arrows move in the grid, a click picks, the picked one is shown alone")
    func grid() throws {
        var studio = StudioDriver(width: 140, height: 45)
        studio.state.preview.open(.job(1), count: 4)
        studio.state.preview.images = (0..<4).map { Self.image("g\($0)") }
        studio.press("Alt-4", "g")
        #expect(studio.screen.placements.count == 4)
        studio.press("Down")
        #expect(studio.state.preview.selection == 2)
        studio.press("Right", "Right")
        #expect(studio.state.preview.selection == 3)
        expectSnapshot(studio.screen, "grid-140x45")
        let second = studio.screen.placements[1].area
        studio.send(
            .terminal(
                .mouse(MouseEvent(.press(.left), at: Position(x: second.x + 3, y: second.y + 2)))))
        #expect(studio.state.preview.selection == 1)
        studio.press("g")
        #expect(studio.screen.placements.map(\.imageID) == ["g1"])
    }
}
