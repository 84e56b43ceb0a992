import Generation
import Screen
import Testing

@testable import Studio

@Suite("What the screen shows")
struct ViewSnapshotTests {
    static let sizes = [(80, 24), (120, 40), (60, 16), (40, 12), (1, 1), (0, 0)]

    /// A studio in the middle of its work.
    private static func busy(_ width: Int, _ height: Int) -> StudioDriver {
        var studio = StudioDriver(
            prompt: "a red fox in the snow, 漢字, oil painting", width: width, height: height)
        studio.send(
            .history([
                StudioDriver.entry("2", "a lighthouse at dusk", seed: 12, date: 2),
                StudioDriver.entry("1", "a boat", date: 1),
            ]))
        studio.press("Enter", "Enter")
        var request = studio.state.request
        request.seeds = [4711]
        studio.send(.job(1, .started(request), at: 10))
        studio.send(.job(1, .stage(.sampling(step: 0, count: 12, image: 0, imageCount: 1)), at: 11))
        studio.send(.job(1, .stage(.sampling(step: 3, count: 12, image: 0, imageCount: 1)), at: 14))
        studio.send(
            .job(1, .preview(index: 0, ImageReference(id: "p", width: 32, height: 32)), at: 14))
        return studio
    }

    @Test("an empty studio", arguments: sizes)
    func empty(width: Int, height: Int) {
        expectSnapshot(
            StudioDriver(width: width, height: height).screen, "empty-\(width)x\(height)")
    }

    @Test("a running job", arguments: sizes)
    func running(width: Int, height: Int) {
        expectSnapshot(Self.busy(width, height).screen, "running-\(width)x\(height)")
    }

    @Test("the history in focus", arguments: [(80, 24), (120, 40)])
    func history(width: Int, height: Int) {
        var studio = Self.busy(width, height)
        studio.press("Alt-5", "Down")
        expectSnapshot(studio.screen, "history-\(width)x\(height)")
    }

    @Test("the palette, the help and a question", arguments: [(80, 24), (120, 40)])
    func layers(width: Int, height: Int) {
        var studio = Self.busy(width, height)
        studio.press("Ctrl-P")
        studio.type("seed")
        expectSnapshot(studio.screen, "palette-\(width)x\(height)")
        studio.press("Esc", "F1")
        expectSnapshot(studio.screen, "help-\(width)x\(height)")
        studio.press("Esc", "Ctrl-Q")
        expectSnapshot(studio.screen, "quit-\(width)x\(height)")
    }

    @Test("a parameter that is being typed, with its problem")
    func parameter() {
        var studio = StudioDriver()
        studio.press("Alt-3", "Down", "Down", "Down")
        studio.type("2000")
        studio.press("Enter")
        expectSnapshot(studio.screen, "parameter-problem")
    }

    @Test("a field that the backend cannot honour is dimmed with the reason")
    func unsupported() {
        var studio = StudioDriver()
        studio.describe("fake", fields: [.sampler: .unsupported(reason: "chosen by the service")])
        expectSnapshot(studio.screen, "unsupported")
    }

    @Test(
        "every size can be rendered with every layer open",
        arguments: [0, 1, 2, 3, 59, 60, 61, 109, 110, 200])
    func noSizeFails(width: Int) {
        for height in [0, 1, 2, 15, 16, 17, 23, 60] {
            var studio = Self.busy(width, height)
            for keys in [
                ["Ctrl-P"], ["F1"], ["Ctrl-Q"], ["F6"], ["Alt-5", "/"], ["Alt-3", "Enter"],
            ] {
                for key in keys { studio.press(key) }
                let frame = studio.screen
                #expect(frame.buffer.size == studio.state.size)
                let screen = Rect(frame.buffer.size)
                for placement in frame.placements {
                    #expect(placement.area.intersection(screen) == placement.area)
                    #expect(placement.area.maxY < frame.buffer.size.height)
                }
                studio.press("Esc")
            }
        }
    }

    @Test("a window that is too small says so in as many lines as that takes")
    func tooSmall() {
        let text = StudioDriver(width: 20, height: 6).screen.buffer.text
        #expect(text.contains("small."))
        #expect(text.contains("needed,"))
        #expect(!text.contains("…"))
    }

    @Test("a long message takes the room of the settings at the end of its line")
    func longMessage() {
        var studio = StudioDriver()
        #expect(studio.screen.buffer.text(row: 22).hasSuffix("12 steps"))
        studio.send(.message(StatusMessage(.warning, String(repeating: "word ", count: 15))))
        #expect(studio.screen.buffer.text(row: 22).hasSuffix("word word"))
        studio.send(.message(StatusMessage(.warning, "short")))
        #expect(studio.screen.buffer.text(row: 22).hasSuffix("12 steps"))
    }
}
