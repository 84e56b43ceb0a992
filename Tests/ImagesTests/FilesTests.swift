import Foundation
import Generation
import Images
import Testing

@Suite struct FilesTests {
    private static func permissions(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test func aFileIsWrittenWhollyAndAloneForItsOwner() throws {
        let folder = try ImageFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.png").path
        try AtomicFile.write([1, 2, 3], to: path)
        try AtomicFile.write([4, 5], to: path)
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == [4, 5])
        #expect(try Self.permissions(path) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.png"])
    }

    @Test func aSymbolicLinkStaysALink() throws {
        let folder = try ImageFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let target = folder.appendingPathComponent("target").path
        let link = folder.appendingPathComponent("link").path
        try AtomicFile.write([1], to: target)
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "target")
        try AtomicFile.write([2], to: link)
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: target))) == [2])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target")
    }

    @Test(arguments: ["missing/a.png", "file/a.png", "folder", ""])
    func whatCannotBeWrittenIsToldBeforeAndLeavesNothing(_ name: String) throws {
        let folder = try ImageFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try AtomicFile.write([0], to: folder.appendingPathComponent("file").path)
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("folder"), withIntermediateDirectories: false)
        let path = name.isEmpty ? "" : folder.appendingPathComponent(name).path
        #expect(throws: FileError.self) { try AtomicFile.checkWritable(path) }
        #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(left == ["file", "folder"])
    }

    @Test(arguments: [(255, true), (256, false), (5000, false)])
    func aNameThatIsTooLongIsToldBefore(_ length: Int, _ fits: Bool) throws {
        let folder = try ImageFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let name = String(repeating: "n", count: length - 4) + ".png"
        let path = folder.appendingPathComponent(name).path
        if fits {
            try AtomicFile.checkWritable(path)
            return try AtomicFile.write([1], to: path)
        }
        let error = #expect(throws: FileError.self) { try AtomicFile.checkWritable(path) }
        #expect(error?.code == ENAMETOOLONG)
        #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func checkingLeavesNothing() throws {
        let folder = try ImageFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try AtomicFile.checkWritable(folder.appendingPathComponent("new.png").path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func aFullDiskIsNamed() throws {
        let error = #expect(throws: FileError.self) {
            try AtomicFile.write([UInt8](repeating: 0, count: 100_000), to: "/dev/full")
        }
        #expect(error?.code == ENOSPC)
        #expect(error?.hint?.contains("space") == true)
        try AtomicFile.write([1], to: "/dev/null")
        let attributes = try FileManager.default.attributesOfItem(atPath: "/dev/null")
        #expect(attributes[.type] as? FileAttributeType == .typeCharacterSpecial)
    }

    @Test func aPictureFileIsReadByItsBytesNotItsName() throws {
        let folder = try ImageFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("really-a-png.jpg").path
        try AtomicFile.write(ImageFixture.bytes("rgb.png"), to: path)
        #expect(try ImageFile.read(path) == ImageFixture.image)
    }

    @Test func whatIsNoPictureIsToldWithItsName() throws {
        let folder = try ImageFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let cases: [(name: String, bytes: [UInt8], expected: String)] = [
            ("empty", [], "no picture"), ("text", Array("hello".utf8), "no picture"),
            ("w.webp", Array("RIFF0000WEBPVP8 ".utf8), "WebP"),
            ("cut.png", Array(try ImageFixture.bytes("rgb.png")[..<40]), "damaged"),
        ]
        for (name, bytes, expected) in cases {
            let path = folder.appendingPathComponent(name).path
            try AtomicFile.write(bytes, to: path)
            let error = #expect(throws: UnreadableImage.self) { try ImageFile.read(path) }
            #expect(error?.summary.contains(expected) == true, "\(name)")
            #expect(error?.summary.contains(name) == true)
        }
        #expect(throws: FileError.self) { try ImageFile.read(folder.path) }
        #expect(throws: FileError.self) { try ImageFile.read("/dev/zero") }
        let missing = folder.appendingPathComponent("missing\u{1B}[31m").path
        let error = #expect(throws: FileError.self) { try ImageFile.read(missing) }
        #expect(error?.summary.contains("\u{1B}") == false, "names are made printable")
    }

    @Test func namesAndFirstBytesTellTheFormat() {
        #expect(ImageFormat(fileExtension: "JPG") == .jpeg)
        #expect(ImageFormat(fileExtension: "png") == .png)
        #expect(ImageFormat(fileExtension: "gif") == nil)
        #expect(ImageFormat(firstBytes: [0xFF, 0xD8, 0xFF, 0xE0]) == .jpeg)
        #expect(ImageFormat(firstBytes: [UInt8]()) == nil)
    }
}
