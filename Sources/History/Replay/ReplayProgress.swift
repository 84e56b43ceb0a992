import Foundation
import Generation
import Hashing
import Settings

/// What of a replay is done, kept on disk until the replay is complete, so that a run that was
/// stopped continues where it was.
public struct ReplayProgress {
    private struct Line: Codable {
        var item: Int
        var result: ReplayResult
    }

    private let file: URL
    /// Results of items that are done, by index in the plan.
    public private(set) var done: [Int: ReplayResult] = [:]

    /// Takes up the replay of `plan`, if one was stopped.
    ///
    /// - Parameters:
    ///   - plan: the plan; another plan, engine or set of options is another replay.
    ///   - key: what else makes the replay another one (engine, CPU, files by content, options).
    ///   - folder: where to keep it; the state folder.
    public init(plan: ReplayPlan, key: String, folder: URL) {
        let name = SHA256.hexDigest(of: Array((plan.digest + key).utf8)).prefix(32)
        file = folder.appendingPathComponent("replays").appendingPathComponent("\(name).jsonl")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        for line in text.split(separator: "\n") {
            guard let entry = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)),
                plan.items.indices.contains(entry.item), entry.result.failure == nil
            else { continue }
            done[entry.item] = entry.result
        }
    }

    /// Remembers a result; one that failed is tried again next time.
    ///
    /// - Throws: ``JournalError``.
    public mutating func add(_ result: ReplayResult, item: Int) throws {
        guard result.failure == nil else { return }
        done[item] = result
        do {
            try Folders.create(file.deletingLastPathComponent())
        } catch {
            throw SessionFile.systemError(file, "create")
        }
        let line = try JSONEncoder().encode(Line(item: item, result: result))
        let target = try SessionFile(url: file)
        defer { target.close() }
        try target.locked { _ = try target.append(Array(line) + [0x0A], isDurable: false) }
    }

    /// Forgets everything: the replay is complete, or starts anew.
    public mutating func clear() {
        done = [:]
        try? FileManager.default.removeItem(at: file)
    }
}
