import Generation
import Testing

@testable import StudioRuntime

@Suite("Pictures in memory")
struct ImageStoreTests {
    private func image(_ side: Int) throws -> PixelImage {
        try #require(
            PixelImage(width: side, height: side, rgb: Array(repeating: 7, count: side * side * 3)))
    }

    @Test("small pictures push only each other out, and large ones too")
    func limits() throws {
        // Room for 1 MB: 32 KB of small pictures, each of 768 bytes, and the rest for others.
        let store = ImageStore(limit: 1 << 20)
        _ = try store.store(image(256), as: "large")
        for number in 0..<1000 { _ = try store.store(image(16), as: "small \(number)") }
        #expect(store.image("large") != nil)
        let left = (0..<1000).filter { store.image("small \($0)") != nil }
        #expect(left == Array((1000 - 42)..<1000))
        for number in 0..<20 { _ = try store.store(image(256), as: "large \(number)") }
        #expect(store.image("large") == nil)
        #expect((0..<20).filter { store.image("large \($0)") != nil } == Array(15..<20))
        #expect(store.image("small 999") != nil)
    }

    @Test("what is on the screen stays")
    func kept() throws {
        let store = ImageStore(limit: 1 << 20)
        _ = try store.store(image(16), as: "shown")
        store.keep(["shown"])
        for number in 0..<1000 { _ = try store.store(image(16), as: "small \(number)") }
        #expect(store.image("shown") != nil)
    }
}
