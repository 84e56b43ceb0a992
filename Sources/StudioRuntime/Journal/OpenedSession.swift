import Foundation
import Generation
import History
import Studio

/// The saved session that the history pane is limited to.
enum OpenedSession {
    /// One of the journal, by the name of its file.
    case own(String)
    /// A session file somewhere else: shown, never changed.
    case foreign(URL, [String: JobDetails])

    /// Finds a session by its file, its name or the beginning of its name.
    ///
    /// - Throws: ``SessionNotFound``; ``JournalError`` for a file that is no session.
    init(_ name: String, in store: JournalStore) throws {
        let path = (name as NSString).expandingTildeInPath
        let url = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath()
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
            !isFolder.boolValue
        {
            let contents = try SessionContents.readSession(at: url)
            let own = store.sessions.standardizedFileURL.resolvingSymlinksInPath().path
            if url.deletingLastPathComponent().path == own {
                self = .own(url.lastPathComponent)
            } else {
                let jobs = contents.jobs.filter { !$0.isRemoved }
                self = .foreign(url, Dictionary(jobs.map { ($0.id.description, $0) }) { $1 })
            }
            return
        }
        let names = try store.index().sessions.map(\.name).filter {
            !name.isEmpty && $0.hasPrefix(name)
        }
        guard let found = names.first(where: { $0 == name }) ?? names.first,
            names.count == 1 || found == name
        else { throw SessionNotFound(name: name, candidates: names) }
        self = .own(found)
    }

    /// A job of a session that is not the journal's; nil for all others.
    func foreignJob(_ id: String) -> JobDetails? {
        if case .foreign(_, let jobs) = self { jobs[id] } else { nil }
    }
}
