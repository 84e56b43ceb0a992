import Screen
import Testing

@testable import Terminal

@Suite("Colours of terminals that have few")
struct ColorDepthTests {
    @Test("of eight colours the bright ones are bold; bright black stays readable")
    func eight() {
        let depth = ColorDepth.eight
        #expect(depth.index(of: .indexed(1)) == (1, []))
        #expect(depth.index(of: .indexed(9)) == (1, .bold))
        #expect(depth.index(of: .indexed(8)) == (-1, .dim))
        #expect(depth.index(of: .indexed(0)) == (0, []))
        #expect(depth.index(of: .rgb(127, 127, 127)) == (-1, .dim))
        #expect(depth.index(of: .standard) == (-1, []))
    }

    @Test("with sixteen and more every colour has a number")
    func more() {
        #expect(ColorDepth.sixteen.index(of: .indexed(8)) == (8, []))
        #expect(ColorDepth.palette.index(of: .rgb(255, 0, 0)) == (196, []))
        #expect(ColorDepth.monochrome.index(of: .rgb(255, 0, 0)) == (-1, []))
    }
}
