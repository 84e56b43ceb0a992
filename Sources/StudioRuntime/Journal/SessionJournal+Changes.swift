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

    /// Reads what has changed in some session files; nil when that is nothing.
    func change(_ names: Set<String>) -> JournalChange? {
        guard let old = index else { return nil }
        var names = names
        if case .own(let name)? = opened { names.formIntersection([name]) }
        guard !names.isEmpty else { return nil }
        let new = store.refreshed(old, sessions: names)
        index = new
        var change = JournalChange(entries: [])
        for name in names {
            let before = Dictionary(
                old.jobs(ofSession: name).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
            let after = new.jobs(ofSession: name)
            for job in after where before[job.id] != job { add(job, to: &change) }
            let left = Set(after.map(\.id))
            change.gone += before.keys.filter { !left.contains($0) }.map(\.description)
        }
        return change.entries.isEmpty && change.gone.isEmpty ? nil : change
    }

    private func add(_ job: JobSummary, to change: inout JournalChange) {
        let id = job.id.description
        // Of its own jobs the studio hears by another way, when they have ended.
        guard !isRunningHere(id) else { return }
        let known = summaries[id]
        summaries[id] = job
        if job.isRemoved {
            change.gone.append(id)
        } else if known != job {
            change.entries.append(HistoryEntry(job))
        }
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
