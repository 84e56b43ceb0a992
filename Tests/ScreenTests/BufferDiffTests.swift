import Testing

@testable import Screen

@Suite("Differences between screens")
struct BufferDiffTests {
    /// A generator with a seed, so that a failure can be repeated.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private static let texts = [
        "a", "fox", "日本", "é", "e\u{301}", "👨‍👩‍👧", "🇩🇪", "שלום", "\u{1B}[31m", "नि", " ", "wide 漢字 text",
    ]

    private static func scribble(_ buffer: inout ScreenBuffer, _ random: inout Random) {
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            let text = texts.randomElement(using: &random) ?? ""
            let style = Style(
                foreground: .indexed(UInt8.random(in: 0...3, using: &random)))
            buffer.print(
                text, x: Int.random(in: -3...(buffer.size.width + 2), using: &random),
                y: Int.random(in: -1...buffer.size.height, using: &random), style: style)
        }
        if Bool.random(using: &random) {
            let area = Rect(
                x: Int.random(in: -1...3, using: &random), y: 0,
                width: Int.random(in: 0...4, using: &random), height: 2)
            buffer.fill(area, style: Style())
        }
    }

    @Test("applying the difference gives the new screen", arguments: 0..<200)
    func applyGivesNew(seed: Int) {
        var random = Random(state: UInt64(seed))
        let size = Size(
            width: Int.random(in: 0...14, using: &random),
            height: Int.random(in: 0...5, using: &random))
        var old = ScreenBuffer(size: size)
        Self.scribble(&old, &random)
        var new = Bool.random(using: &random) ? old : ScreenBuffer(size: size)
        Self.scribble(&new, &random)
        var result = old
        BufferDiff(from: old, to: new).apply(to: &result)
        #expect(result == new)
    }

    @Test("every screen keeps wide characters whole", arguments: 0..<200)
    func wideCharactersStayWhole(seed: Int) {
        var random = Random(state: UInt64(seed) &+ 1000)
        var buffer = ScreenBuffer(size: Size(width: 9, height: 3))
        for _ in 0..<5 { Self.scribble(&buffer, &random) }
        for y in 0..<3 {
            for x in 0..<9 {
                let width = buffer.cell(x: x, y: y)?.width
                if width == 2 { #expect(buffer.cell(x: x + 1, y: y)?.width == 0) }
                if width == 0 { #expect(buffer.cell(x: x - 1, y: y)?.width == 2) }
            }
        }
    }

    @Test("equal screens have no difference, resized ones differ everywhere")
    func extremes() {
        var buffer = ScreenBuffer(size: Size(width: 5, height: 2))
        buffer.print("漢字", x: 0, y: 0, style: Style())
        #expect(BufferDiff(from: buffer, to: buffer).runs.isEmpty)
        let other = ScreenBuffer(size: Size(width: 4, height: 2))
        #expect(BufferDiff(from: buffer, to: other).runs.map(\.cells.count) == [4, 4])
        #expect(BufferDiff(from: nil, to: ScreenBuffer(size: .zero)).runs.isEmpty)
    }

    @Test("a change under a wide character takes both of its cells along")
    func wideRun() {
        var old = ScreenBuffer(size: Size(width: 6, height: 1))
        old.print("ab漢c", x: 0, y: 0, style: Style())
        var new = old
        new.print("字", x: 2, y: 0, style: Style())
        let runs = BufferDiff(from: old, to: new).runs
        #expect(runs.count == 1)
        #expect(runs.first?.x == 2)
        #expect(runs.first?.cells.map(\.width) == [2, 0])
    }
}
