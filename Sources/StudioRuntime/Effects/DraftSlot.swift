import Foundation
import Glibc
import Settings

/// The files of one studio's draft, and the lock that says whose they are.
///
/// The lock belongs to the process: it is gone when that is, however it ended. Its file stays, so
/// that nobody holds a lock on a file that somebody else has deleted.
final class DraftSlot: Sendable {
    let draft: URL
    let sheet: URL
    private let lock: Int32

    /// Takes a slot; nil when another studio has it.
    init?(_ name: String, in folder: URL) {
        draft = folder.appendingPathComponent("\(name).json")
        sheet = folder.appendingPathComponent("\(name).sheet.json")
        let path = folder.appendingPathComponent("\(name).lock").path
        lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { return nil }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            return nil
        }
    }

    deinit { close(lock) }

    var name: String { draft.deletingPathExtension().lastPathComponent }

    /// A value of a file; one that cannot be read is put aside, not written over.
    static func read<Value: Decodable>(_ type: Value.Type, at url: URL) -> Value? {
        guard let data = try? Data(contentsOf: url) else { return nil }
        if let value = try? JSONDecoder().decode(type, from: data) { return value }
        rename(url.path, url.path + ".unreadable")
        return nil
    }

    /// Replaces a file in one step; only its owner can read it.
    static func write(_ value: some Encodable, to url: URL) throws {
        try Folders.create(url.deletingLastPathComponent())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let data = try encoder.encode(value)
        let temporary = url.appendingPathExtension("new")
        guard
            FileManager.default.createFile(
                atPath: temporary.path, contents: data, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
        guard rename(temporary.path, url.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
