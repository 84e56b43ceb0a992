import Foundation
import Generation
import Testing

@testable import Images

@Suite("Control pictures")
struct ControlMapTests {
    private static func fixture(_ name: String) throws -> PixelImage {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try ImageFile.read(
            folder.appendingPathComponent("Fixtures/control-maps/\(name).png").path)
    }

    @Test("Canny's outlines are OpenCV's, pixel for pixel")
    func canny() throws {
        let edges = ControlMap.canny(try Self.fixture("picture"))
        #expect(edges == (try Self.fixture("canny")))
        #expect(edges.rgb.contains(255))
    }

    @Test("lines and blur follow OpenCV's to a rounding", arguments: ["lineart", "blur"])
    func smooth(name: String) throws {
        let map = try #require(ControlMap(rawValue: name))
        let (found, expected) = (map(try Self.fixture("picture")), try Self.fixture(name))
        let largest = zip(found.rgb, expected.rgb).map { abs(Int($0) - Int($1)) }.max() ?? 255
        #expect(largest <= 2)
    }

    @Test("the request's list of preprocessors names every map but the one that does nothing")
    func names() {
        let names = ControlMap.allCases.map(\.rawValue).filter { $0 != "none" }
        #expect(ControlReference.preprocessors == names)
    }

    @Test("every map keeps the size, down to a single pixel", arguments: ControlMap.allCases)
    func sizes(map: ControlMap) throws {
        for (width, height) in [(1, 1), (1, 7), (9, 2), (33, 17)] {
            let picture = PixelImage(width: width, height: height, filledWith: (200, 30, 90))
            let result = map(picture)
            #expect((result.width, result.height) == (width, height))
        }
    }

    @Test("soft edges are strongest where the picture changes most")
    func softEdges() throws {
        var rgb = [UInt8](repeating: 0, count: 20 * 6 * 3)
        for index in rgb.indices where (index / 3) % 20 >= 10 { rgb[index] = 255 }
        let picture = try #require(PixelImage(width: 20, height: 6, rgb: rgb))
        let row = ControlMap.softedge(picture).rgb.enumerated().filter { $0.offset % 3 == 0 }
            .map(\.element)[40..<60]
        #expect(row.max() == 255)
        #expect(row[row.startIndex] == 0)
        #expect(row[row.startIndex + 9] == 255)
    }
}
