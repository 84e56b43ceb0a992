import Generation

/// Which entries the history pane shows besides those that a search finds.
public enum HistoryFilter: Hashable, Sendable {
    case all
    case starred
    /// How the run ended.
    case status(HistoryEntry.Status)
    case tag(String)
    case backend(String)
    /// The name of a session file.
    case session(String)
    /// An entry with everything that was made from it, and all that it was made from.
    case family(Set<String>)
    /// Entries that were run again to compare them.
    case replayed(Set<String>)

    /// What the title of the pane says; empty for ``all``.
    public var title: String {
        switch self {
        case .all: ""
        case .starred: "starred"
        case .status(let status): status.rawValue
        case .tag(let tag): "#\(tag)"
        case .backend(let name): name
        case .session(let name): Self.sessionTitle(name)
        case .family: "tweaks"
        case .replayed: "replayed"
        }
    }

    /// The name of a session without the ending of its file.
    static func sessionTitle(_ name: String) -> String {
        name.hasSuffix(".jsonl") ? String(name.dropLast(6)) : name
    }

    /// Whether an entry is shown.
    func includes(_ entry: HistoryEntry) -> Bool {
        switch self {
        case .all: true
        case .starred: entry.isStarred
        case .status(let status): entry.status == status
        case .tag(let tag): entry.tags.contains(tag)
        case .backend(let name): entry.settings.backend == name
        case .session(let name): entry.session == name
        case .family(let members), .replayed(let members): members.contains(entry.id)
        }
    }
}
