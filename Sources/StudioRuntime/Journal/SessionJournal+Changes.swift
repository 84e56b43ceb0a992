import Foundation
import History
import Settings
import Studio

extension SessionJournal {
    public func changes() -> AsyncStream<JournalChange> {
        if case .foreign? = opened { return AsyncStream { $0.finish() } }
        do {
            try Folders.create(store.sessions)
        } catch {
            return AsyncStream { $0.finish() }
        }
        guard let watch = FolderWatch(store.sessions) else { return AsyncStream { $0.finish() } }
        let (stream, continuation) = AsyncStream.makeStream(of: JournalChange.self)
        let pending = PendingNames()
        let task = Task {
            for await name in watch.names where name.hasSuffix(".jsonl") {
                guard await pending.add(name) else { continue }
                Task {
                    // What is written in one go is read in one go.
                    try? await Task.sleep(for: .milliseconds(250))
                    let names = await pending.take()
                    if let change = self.change(names) { continuation.yield(change) }
                }
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }
}

/// Names of files that are to be read soon.
private actor PendingNames {
    private var names: Set<String> = []

    /// - Returns: whether nothing waited before.
    func add(_ name: String) -> Bool {
        defer { names.insert(name) }
        return names.isEmpty
    }

    func take() -> Set<String> {
        defer { names = [] }
        return names
    }
}
