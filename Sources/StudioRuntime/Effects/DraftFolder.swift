import Foundation
import Settings
import Studio
import Synchronization

/// The drafts of all studios of a home: each has files of its own while it runs.
///
/// A start goes on with the newest draft that no running studio has, and takes the waiting jobs of
/// the others over; their texts stay until somebody wants them.
public final class DraftFolder: DraftStore {
    private let folder: URL
    /// Nil where no lock can be had: then the draft has the name of the process.
    private let own: DraftSlot?
    private let taken = Mutex<[DraftSlot]>([])

    /// Takes a place in `folder`.
    public init(folder: URL) {
        self.folder = folder
        try? Folders.create(folder)
        let known = Self.names(in: folder).lazy.compactMap { DraftSlot($0, in: folder) }.first
        own = known ?? Self.empty(in: folder)
    }

    /// A place that no draft has.
    private static func empty(in folder: URL) -> DraftSlot? {
        (1...64).lazy.compactMap { number in
            DraftSlot(number == 1 ? "draft" : "draft-\(number)", in: folder)
        }.first
    }

    /// Names of drafts, the one that was saved last first.
    private static func names(in folder: URL) -> [String] {
        let keys: Set<URLResourceKey> = [.contentModificationDateKey]
        let files =
            (try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: Array(keys))) ?? []
        let drafts = files.compactMap { file -> (String, Date)? in
            let name = file.deletingPathExtension().lastPathComponent
            guard file.pathExtension == "json", name == "draft" || name.hasPrefix("draft-"),
                !name.hasSuffix(".sheet")
            else { return nil }
            let date = try? file.resourceValues(forKeys: keys).contentModificationDate
            return (name, date ?? .distantPast)
        }
        return drafts.sorted { ($0.1, $1.0) > ($1.1, $0.0) }.map(\.0)
    }

    private var url: URL {
        let process = ProcessInfo.processInfo.processIdentifier
        return own?.draft ?? folder.appendingPathComponent("draft-process-\(process).json")
    }

    private var sheetURL: URL {
        own?.sheet ?? url.deletingPathExtension().appendingPathExtension("sheet.json")
    }

    /// The draft of this place, with what still waits in those that other studios left.
    public func load() -> Draft? {
        let kept = DraftSlot.read(Draft.self, at: url)
        var draft = kept
        for slot in others() {
            guard var other = DraftSlot.read(Draft.self, at: slot.draft), !other.waiting.isEmpty
            else { continue }
            var merged = draft ?? other
            if draft != nil { merged.waiting += other.waiting }
            // Written here first: a job that is in both files is better than one that is in none.
            guard (try? save(merged)) != nil else { continue }
            other.waiting = []
            try? DraftSlot.write(other, to: slot.draft)
            draft = merged
        }
        return draft
    }

    public func save(_ draft: Draft) throws {
        try DraftSlot.write(draft, to: url)
        taken.withLock { slots in
            for slot in slots {
                try? FileManager.default.removeItem(at: slot.draft)
                try? FileManager.default.removeItem(at: slot.sheet)
            }
            slots = []
        }
    }

    public func loadSheet() -> Sheet? { DraftSlot.read(Sheet.self, at: sheetURL) }

    public func saveSheet(_ sheet: Sheet?) throws {
        if let sheet { return try DraftSlot.write(sheet, to: sheetURL) }
        guard FileManager.default.fileExists(atPath: sheetURL.path) else { return }
        try FileManager.default.removeItem(at: sheetURL)
    }

    public func left() -> [LeftDraft] {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd HH:mm"
        return others().compactMap { slot in
            guard let draft = DraftSlot.read(Draft.self, at: slot.draft),
                !(draft.prompt + draft.negative).allSatisfy(\.isWhitespace)
            else { return nil }
            let values = try? slot.draft.resourceValues(forKeys: [.contentModificationDateKey])
            let date = values?.contentModificationDate.map { formatter.string(from: $0) } ?? ""
            return LeftDraft(name: slot.name, date: date, prompt: draft.prompt)
        }
    }

    public func take(_ name: String) -> Draft? {
        guard let slot = others().first(where: { $0.name == name }),
            let draft = DraftSlot.read(Draft.self, at: slot.draft)
        else { return nil }
        taken.withLock { $0.append(slot) }
        return draft
    }

    /// Places that no studio has, locked while somebody looks at them.
    private func others() -> [DraftSlot] {
        Self.names(in: folder).filter { $0 != own?.name }
            .compactMap { DraftSlot($0, in: folder) }
    }
}
