import Generation
import Screen

extension AppState {
    /// Actions on history entries; nil when the action is none of these.
    mutating func performOnHistory(_ action: ActionID) -> [Effect]? {
        let takesRequest: [ActionID] = [
            .restoreAll, .restoreExceptSeed, .restoreSeed, .restorePrompt, .runAgain,
            .showDetails,
        ]
        if takesRequest.contains(action), let entry = history.selected, !entry.isComplete {
            return [.open(entry: entry.id, action)]
        }
        switch action {
        case .historyUp: return selectEntry(history.selection - 1)
        case .historyDown: return selectEntry(history.selection + 1)
        case .historyPageUp: return selectEntry(history.selection - 10)
        case .historyPageDown: return selectEntry(history.selection + 10)
        case .historyTop: return selectEntry(0)
        case .historyBottom: return selectEntry(history.visible.count - 1)
        case .restoreAll: restore(parameters: true, seed: true)
        case .restoreExceptSeed: restore(parameters: true, seed: false)
        case .restoreSeed: restoreSeed()
        case .restorePrompt: restore(parameters: false, seed: false)
        case .runAgain: return runAgain()
        case .showDetails: return showDetails()
        case .search:
            setFocus(.history)
            layers.append(.input(LineEditor(history.query), .search, title: "Search"))
        default: return performOnEntry(action)
        }
        return []
    }

    private mutating func performOnEntry(_ action: ActionID) -> [Effect]? {
        switch action {
        case .undeleteEntry:
            guard let entry = history.undelete() else { return [] }
            return [.undelete(entry)] + showSelectedEntry()
        case .toggleStar:
            return entryInFocus.map { annotate($0.id) { $0.isStarred.toggle() } } ?? []
        case .editNote:
            guard let entry = history.selected else { return [] }
            layers.append(.input(LineEditor(entry.note), .note(entry: entry.id), title: "Note"))
        case .editTags:
            guard let entry = history.selected else { return [] }
            let tags = entry.tags.joined(separator: " ")
            layers.append(.input(LineEditor(tags), .tags(entry: entry.id), title: "Tags"))
        case .deleteEntry:
            guard let entry = history.selected else { return [] }
            layers.append(
                .question(
                    .deleteEntry(entry.id), text: "Delete this entry from the history?",
                    yes: "Delete", no: "Keep"))
        default: return nil
        }
        return []
    }

    /// Selects an entry and shows its pictures.
    mutating func selectEntry(_ index: Int) -> [Effect] {
        history.select(index)
        return showSelectedEntry()
    }

    /// Shows the pictures of the selected entry.
    mutating func showSelectedEntry() -> [Effect] {
        guard let entry = history.selected, preview.source != .entry(entry.id) else { return [] }
        preview.open(.entry(entry.id), count: entry.pictures.count)
        preview.isFinal = true
        return entry.pictures.enumerated().map { .load(entry: entry.id, index: $0, $1) }
    }

    /// Takes the prompts of the selected entry and, where asked for, its parameters and its seed.
    private mutating func restore(parameters takesParameters: Bool, seed takesSeed: Bool) {
        guard let entry = history.selected else { return }
        edit(.prompt) { $0.setText(entry.request.prompt) }
        edit(.negative) { $0.setText(entry.request.negativePrompt ?? "") }
        if takesParameters {
            var request = entry.request
            request.prompt = ""
            request.negativePrompt = nil
            request.expansion = nil
            request.seeds = []
            if !backends.contains(where: { $0.id == request.backend }) {
                request.backend = parameters.request.backend
                status = StatusMessage(
                    .warning,
                    "Backend \(entry.request.backend) is not here; kept \(request.backend)")
            }
            parameters.request = request
            parameters.count = max(1, entry.request.seeds.count)
        }
        if takesSeed, let seed = entry.request.seeds.first {
            parameters.seed = SeedSetting(mode: .fixed, value: seed)
        }
        parent = entry.id
        setFocus(.prompt)
        if status == nil { status = StatusMessage(.success, "Restored; Enter runs it") }
    }

    /// Queues what the selected entry asked for, seeds included; the editors stay as they are.
    private mutating func runAgain() -> [Effect] {
        guard let entry = history.selected else { return [] }
        guard backends.contains(where: { $0.id == entry.request.backend }) else {
            status = StatusMessage(
                .problem, "Backend \(entry.request.backend) is not here; Enter restores the fields")
            return []
        }
        queue.append(
            entry.request, randomSeeds: entry.request.seeds.isEmpty ? 1 : 0, parent: entry.id)
        return startOrTell()
    }

    /// Opens the details of the selected entry; what it changed is compared meanwhile.
    private mutating func showDetails() -> [Effect] {
        guard let entry = history.selected else { return [] }
        layers.append(.details(entry: entry.id, scroll: 0))
        guard let parent = entry.parent, comparison?.entry != entry.id else { return [] }
        return [.compare(entry: entry.id, parent: parent)]
    }

    /// Says how many jobs an earlier run of the program left behind.
    mutating func tellInterrupted(_ count: Int) {
        guard count > 0 else { return }
        let jobs = count == 1 ? "1 job was" : "\(count) jobs were"
        let keys = [ActionID.restoreAll, .runAgain].map { keymap.keyName(of: $0, in: .history) }
        var text = "\(jobs) interrupted, see the history"
        if let restore = keys[0], let again = keys[1] {
            text += ": \(restore) restores, \(again) runs again"
        }
        if let other = status, other.kind == .information { text = "\(other.text); \(text)" }
        status = StatusMessage(.warning, text)
    }

    private mutating func restoreSeed() {
        guard let entry = history.selected, let seed = entry.request.seeds.first else { return }
        parameters.seed = SeedSetting(mode: .fixed, value: seed)
        status = StatusMessage(.success, "Seed \(seed) is set")
    }
}
