import Foundation
import Generation
import Testing

/// The committed pictures; all show the pixels of ``color(_:_:)`` as far as their format can.
enum ImageFixture {
    static let width = 8
    static let height = 6

    /// What `make_image_fixtures.py` draws.
    static func color(_ x: Int, _ y: Int) -> [UInt8] {
        [UInt8(x * 32), UInt8(y * 40), UInt8(255 - x * 16 - y * 8)]
    }

    static var image: PixelImage {
        get throws {
            let rgb = (0..<height).flatMap { y in (0..<width).flatMap { x in color(x, y) } }
            return try #require(PixelImage(width: width, height: height, rgb: rgb))
        }
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
        return Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    /// A folder that the caller removes.
    static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("latent-images-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
