import Foundation
import Generation
import Images
import Testing

@testable import Diffusion

/// Control pictures in every form that files have.
@Suite("Control pictures of every kind")
struct ControlPictureTests {
    private static let pictures = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../ImagesTests/Fixtures").standardizedFileURL

    private func values(_ name: String, size: (width: Int, height: Int)? = nil) throws -> (
        values: [Float], warnings: [String]
    ) {
        let path = Self.pictures.appendingPathComponent(name).path
        let own = try ImageFile.size(at: path)
        var warnings: [String] = []
        let picture = try ControlPicture(
            ControlReference(model: "", image: path), mask: nil,
            width: size?.width ?? own.width, height: size?.height ?? own.height, isBGR: false
        ) { warnings.append($0) }
        return (picture.values, warnings)
    }

    @Test(
        "16 bits, a palette and interlacing give the plain picture's colours",
        arguments: ["rgb16.png", "palette.png", "interlaced.png"])
    func kinds(name: String) throws {
        #expect(try values(name).values == (try values("rgb.png").values))
    }

    @Test("what is transparent is white, as paper is")
    func alpha() throws {
        let plain = try values("rgb.png").values
        let shown = try values("rgba.png").values
        #expect(shown.count == plain.count && shown != plain)
        #expect(zip(shown, plain).allSatisfy { $0 >= $1 - 1 / 255 && $0 <= 1 })
    }

    @Test("CMYK, gray and turned JPEGs are read upright and in colour")
    func jpegs() throws {
        #expect(try values("cmyk.jpg").values.allSatisfy { (0...1).contains($0) })
        let gray = try values("gray.jpg").values
        #expect(stride(from: 0, to: gray.count, by: 3).allSatisfy { gray[$0] == gray[$0 + 1] })
        let path = Self.pictures.appendingPathComponent("orientation-6.jpg").path
        let upright = try ImageFile.read(path)
        #expect(try values("orientation-6.jpg").values == upright.rgb.map { Float($0) / 255 })
    }

    @Test("another size is resized, and that is said")
    func size() throws {
        let other = try values("rgb.png", size: (24, 40))
        #expect(other.values.count == 24 * 40 * 3)
        #expect(other.warnings.count == 1 && other.warnings[0].contains("resized to 24x40"))
    }
}
