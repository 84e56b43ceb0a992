import Foundation
import Settings
import Studio

/// Where drafts survive a crash.
public protocol DraftStore: Sendable {
    /// The last draft; nil when there is none that can be read.
    func load() -> Draft?
    /// Replaces the draft.
    func save(_ draft: Draft) throws
}

/// A draft in a file that only its owner can read; replaced in one step.
public struct DraftFile: DraftStore {
    private let url: URL

    /// A draft at `url`.
    public init(url: URL) { self.url = url }

    public func load() -> Draft? {
        guard let data = try? Data(contentsOf: url) else { return nil }
        return try? JSONDecoder().decode(Draft.self, from: data)
    }

    public func save(_ draft: Draft) throws {
        try Folders.create(url.deletingLastPathComponent())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let data = try encoder.encode(draft)
        let temporary = url.appendingPathExtension("new")
        guard
            FileManager.default.createFile(
                atPath: temporary.path, contents: data, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
        guard rename(temporary.path, url.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
