import Testing

@testable import Screen

@Suite("Pictures on their way")
struct GraphicsQueueTests {
    private static func picture(
        _ key: String, _ parts: [String], x: Int = 0, isCuttable: Bool = false
    ) -> PlacedGraphic {
        PlacedGraphic(
            key: key, area: Rect(x: x, y: 1, width: 4, height: 4),
            parts: parts.map { Array($0.utf8) },
            cut: isCuttable ? Array("<cut>".utf8) : nil, abandonment: Array("<gone>".utf8))
    }

    /// Everything that is left, in pieces of `limit` bytes.
    private static func rest(_ queue: inout GraphicsQueue, limit: Int = 1000) -> String {
        var text = ""
        while let piece = queue.piece(limit: limit) {
            text += String(decoding: piece, as: UTF8.self)
        }
        return text
    }

    private static func part(_ text: String, column: Int = 1) -> String {
        "\u{1B}7\u{1B}[2;\(column)H\(text)\u{1B}8"
    }

    @Test("parts are written in order, each at its place", arguments: [1, 3, 7, 1000])
    func order(limit: Int) {
        var queue = GraphicsQueue()
        #expect(queue.add(Self.picture("a", ["one", "two"])).isEmpty)
        #expect(queue.add(Self.picture("b", ["three"], x: 8)).isEmpty)
        #expect(!queue.isEmpty)
        let text = Self.rest(&queue, limit: limit)
        #expect(text == Self.part("one") + Self.part("two") + Self.part("three", column: 9))
        #expect(queue.isEmpty)
    }

    @Test("a picture takes the place of those under it, and the newest wins")
    func replacement() {
        var queue = GraphicsQueue()
        _ = queue.add(Self.picture("a", ["one", "two"]))
        _ = queue.piece(limit: 1000)
        #expect(queue.add(Self.picture("b", ["three"])) == Array("<gone>".utf8), "one was begun")
        #expect(queue.add(Self.picture("c", ["four"])).isEmpty, "b was not begun")
        #expect(Self.rest(&queue) == Self.part("four"))
    }

    @Test("a part that may be cut is begun again, up to a limit")
    func cuts() {
        var queue = GraphicsQueue()
        _ = queue.add(Self.picture("a", ["0123456789"], isCuttable: true))
        for _ in 0..<GraphicsQueue.cutLimit {
            #expect(!queue.canCut, "nothing is under way")
            _ = queue.piece(limit: 12)
            #expect(queue.isInsidePart && queue.canCut)
            #expect(queue.cut() == Array("<cut>\u{1B}8".utf8))
            #expect(!queue.isInsidePart)
        }
        _ = queue.piece(limit: 12)
        #expect(!queue.canCut, "it is written to its end at last")
        #expect(Self.rest(&queue).hasSuffix("9\u{1B}8"))
    }

    @Test("a part that may not be cut says so")
    func uncuttable() {
        var queue = GraphicsQueue()
        _ = queue.add(Self.picture("a", ["0123456789"]))
        _ = queue.piece(limit: 3)
        #expect(queue.isInsidePart && !queue.canCut)
    }

    @Test("giving everything up ends what was begun")
    func abandon() {
        var queue = GraphicsQueue()
        _ = queue.add(Self.picture("a", ["0123456789"]))
        #expect(queue.abandon().isEmpty, "nothing was written")
        _ = queue.add(Self.picture("a", ["0123456789", "more"]))
        _ = queue.piece(limit: 3)
        #expect(queue.abandon() == Array("\u{1B}\\\u{1B}8".utf8))
        #expect(queue.isEmpty && queue.piece(limit: 9) == nil)
        _ = queue.add(Self.picture("a", ["1", "2"]))
        _ = queue.piece(limit: 1000)
        #expect(queue.abandon() == Array("<gone>".utf8))
    }

    @Test("a picture without parts is over at once")
    func empty() {
        var queue = GraphicsQueue()
        _ = queue.add(Self.picture("a", []))
        #expect(queue.piece(limit: 9) == nil && queue.isEmpty)
    }
}
