import Foundation
import Hashing
import Testing

@Suite struct FileHashCacheTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("hash-\(UUID().uuidString)")

    private func write(_ text: String, _ name: String) throws -> String {
        let url = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    private func hash(_ text: String) -> String { SHA256.hexDigest(of: Array(text.utf8)) }

    @Test func aChangedFileIsHashedAgain() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try write("one", "a.safetensors")
        let cache = FileHashCache(cacheFolder: folder.appendingPathComponent("cache"))
        #expect(try cache.sha256(ofFileAt: file) == hash("one"))
        _ = try write("two", "a.safetensors")
        #expect(try cache.sha256(ofFileAt: file) == hash("two"))
        #expect(throws: (any Error).self) { try cache.sha256(ofFileAt: file + "x") }
    }

    @Test func anUnchangedFileIsNotReadAgain() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try write("one", "a.safetensors")
        let caches = folder.appendingPathComponent("cache")
        _ = try FileHashCache(cacheFolder: caches).sha256(ofFileAt: file)
        // The remembered hash is changed by hand to see whether it is used.
        let memory = caches.appendingPathComponent("hashes.json")
        let text = try String(contentsOf: memory, encoding: .utf8)
        try Data(text.replacing(hash("one"), with: "remembered").utf8).write(to: memory)
        #expect(try FileHashCache(cacheFolder: caches).sha256(ofFileAt: file) == "remembered")
        try Data("broken".utf8).write(to: memory)
        #expect(try FileHashCache(cacheFolder: caches).sha256(ofFileAt: file) == hash("one"))
    }

    @Test func aModelFolderIsKnownByItsFilesWhereverItIs() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let cache = FileHashCache(cacheFolder: folder.appendingPathComponent("cache"))
        func fill(_ name: String, _ weights: String) throws -> String {
            _ = try write(weights, "\(name)/unet/model.safetensors")
            _ = try write("{}", "\(name)/unet/config.json")
            _ = try write("ignored \(name)", "\(name)/README.md")
            return folder.appendingPathComponent(name).path
        }
        func identity(_ path: String) throws -> FileIdentity {
            try FileIdentity.hashing(role: "model", path: path, cache: cache)
        }
        let one = try identity(try fill("one", "w"))
        let same = try identity(try fill("two", "w"))
        let other = try identity(try fill("three", "v"))
        #expect(one.sha256 == same.sha256)
        #expect(one.sha256 != other.sha256)
        #expect(one.byteCount == 3)
        let expected = "\(hash("{}"))  unet/config.json\n\(hash("w"))  unet/model.safetensors\n"
        #expect(one.sha256 == hash(expected))
    }
}
