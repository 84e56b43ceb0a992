import Foundation
import Generation
import Synchronization

/// SHA-256 of files, remembered by path, size, inode and time of the last change, so that a
/// checkpoint of 7 GB is read once and not before every picture.
///
/// The memory is a JSON file that several processes may use; a lost entry only costs time. May be
/// used from any thread.
public final class FileHashCache: Sendable {
    /// What a file looked like when it was hashed.
    private struct Entry: Codable, Hashable {
        var byteCount: Int
        var inode: UInt64
        /// Nanoseconds since 1970.
        var modified: Int64
        var sha256: String
    }

    private let file: URL
    private let entries = Mutex<[String: Entry]?>(nil)

    /// Remembers hashes in `hashes.json` in a folder for caches.
    public init(cacheFolder: URL) {
        file = cacheFolder.appendingPathComponent("hashes.json")
    }

    /// The hash of a file, from memory when the file did not change.
    ///
    /// - Throws: the error of the file system; `CancellationError` when the task is cancelled.
    public func sha256(ofFileAt path: String) throws -> String {
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let stamp = try FileStamp(path: path)
        if let known = entry(path), known.byteCount == stamp.byteCount,
            known.inode == stamp.inode, known.modified == stamp.modified
        {
            return known.sha256
        }
        let hash = try SHA256.hexDigest(ofFileAt: path)
        // A file that changed while it was read is not remembered.
        if try FileStamp(path: path) == stamp {
            remember(
                Entry(
                    byteCount: stamp.byteCount, inode: stamp.inode, modified: stamp.modified,
                    sha256: hash), for: path)
        }
        return hash
    }

    private func entry(_ path: String) -> Entry? {
        entries.withLock { entries in
            if entries == nil { entries = Self.read(file) }
            return entries?[path]
        }
    }

    private func remember(_ entry: Entry, for path: String) {
        entries.withLock { entries in
            // Another process may have added entries since ours were read.
            var all = Self.read(file)
            all.merge(entries ?? [:]) { onDisk, _ in onDisk }
            all[path] = entry
            entries = all
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            guard let data = try? encoder.encode(all) else { return }
            try? FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try? data.write(to: file, options: .atomic)
        }
    }

    private static func read(_ file: URL) -> [String: Entry] {
        guard let data = try? Data(contentsOf: file) else { return [:] }
        return (try? JSONDecoder().decode([String: Entry].self, from: data)) ?? [:]
    }
}
