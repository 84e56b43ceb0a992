import Testing

@testable import Screen

@Suite("Which pictures are sent")
struct GraphicsPlacerTests {
    private let left = PlacedGraphic(
        key: "a", area: Rect(x: 0, y: 0, width: 4, height: 4), bytes: [1])
    private let next = PlacedGraphic(
        key: "b", area: Rect(x: 0, y: 0, width: 4, height: 4), bytes: [2])
    private let right = PlacedGraphic(
        key: "c", area: Rect(x: 6, y: 0, width: 4, height: 4), bytes: [3])

    @Test("a picture is sent once")
    func once() {
        var placer = GraphicsPlacer()
        #expect(placer.prepare(for: [left]).isEmpty)
        #expect(placer.place([left], printed: []) == [.draw(left)])
        #expect(placer.prepare(for: [left]).isEmpty)
        #expect(placer.place([left], printed: [Rect(x: 5, y: 0, width: 1, height: 9)]).isEmpty)
    }

    @Test("a picture whose cells were printed is sent again")
    func damaged() {
        var placer = GraphicsPlacer()
        _ = placer.place([left, right], printed: [])
        let cells = [Rect(x: 3, y: 3, width: 1, height: 1)]
        #expect(placer.place([left, right], printed: cells) == [.draw(left)])
    }

    @Test("a new picture at the same place is painted over the old one")
    func replaced() {
        var placer = GraphicsPlacer()
        _ = placer.place([left], printed: [])
        #expect(placer.prepare(for: [next]).isEmpty)
        #expect(placer.place([next], printed: []) == [.draw(next)])
    }

    @Test("a smaller picture at the same place leaves nothing of the old one")
    func smaller() {
        let area = Rect(x: 0, y: 0, width: 10, height: 10)
        let (large, small) = (100, 94)
        let pictures = [large, small].map { height in
            PlacedGraphic(
                key: "\(height)", area: area, parts: [[1]], pixels: Size(width: 100, height: height)
            )
        }
        var placer = GraphicsPlacer()
        _ = placer.place([pictures[0]], printed: [])
        #expect(placer.prepare(for: [pictures[1]]) == [.erase(pictures[0])])
        #expect(placer.place([pictures[1]], printed: [area]) == [.draw(pictures[1])])
        #expect(placer.prepare(for: [pictures[0]]).isEmpty)
    }

    @Test("a picture that is gone is erased once, and drawn when it comes back")
    func goneAndBack() {
        var placer = GraphicsPlacer()
        _ = placer.place([left, right], printed: [])
        #expect(placer.prepare(for: [right]) == [.erase(left)])
        #expect(placer.place([right], printed: []).isEmpty)
        #expect(placer.prepare(for: [right]).isEmpty)
        #expect(placer.prepare(for: [left, right]).isEmpty)
        #expect(placer.place([left, right], printed: []) == [.draw(left)])
    }

    @Test("after a cleared screen everything is sent again")
    func cleared() {
        var placer = GraphicsPlacer()
        _ = placer.place([left], printed: [])
        placer.reset()
        #expect(placer.prepare(for: [left]).isEmpty)
        #expect(placer.place([left], printed: []) == [.draw(left)])
    }
}
