import Generation
import Prompting
import Screen

extension AppState {
    /// Actions on history entries; nil when the action is none of these.
    mutating func performOnHistory(_ action: ActionID) -> [Effect]? {
        let takesRequest: [ActionID] = [
            .restoreAll, .restoreExceptSeed, .restoreSeed, .restorePrompt, .chooseRestore,
            .runAgain, .showDetails,
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
        case .historyBottom: return selectEntry(history.rows.count - 1)
        case .restoreAll: restore(parameters: true, seed: true)
        case .restoreExceptSeed: restore(parameters: true, seed: false)
        case .restoreSeed: restoreSeed()
        case .restorePrompt: restore(parameters: false, seed: false)
        case .chooseRestore: layers.append(restorePicker)
        case .runAgain: return runAgain()
        case .showDetails: return showDetails()
        case .search:
            setFocus(.history)
            layers.append(.input(LineEditor(history.query), .search, title: "Search"))
        default: return arrangeHistory(action) ?? performOnEntry(action)
        }
        return []
    }

    /// Actions on what the pane shows; nil when the action is none of these.
    private mutating func arrangeHistory(_ action: ActionID) -> [Effect]? {
        switch action {
        case .toggleTree:
            history.toggleTree()
            return showSelectedEntry()
        case .fold: return fold()
        case .unfold:
            if let entry = history.selected { history.setFolded(false, entry.id) }
        case .toggleThumbnails:
            showsThumbnails.toggle()
            let what = showsThumbnails ? "shows" : "hides"
            status = StatusMessage(.information, "The history \(what) small pictures")
        case .chooseFilter: layers.append(filterPicker)
        case .chooseSession: layers.append(sessionPicker)
        case .pickEntry:
            guard let entry = history.selected else { return [] }
            history.togglePick(entry.id)
            return selectEntry(history.selection + 1)
        case .pickAll: history.togglePickAll()
        case .replayEntries: return askForReplay(history.targets.map(\.id))
        case .replaySession: return askForSessionReplay()
        default: return nil
        }
        return []
    }

    /// Folds the selected entry; one that cannot be folded hands on to its parent.
    private mutating func fold() -> [Effect] {
        guard let entry = history.selected else { return [] }
        if history.setFolded(true, entry.id) { return [] }
        guard let parent = entry.parent, let row = history.row(of: parent) else { return [] }
        return selectEntry(row)
    }

    private mutating func performOnEntry(_ action: ActionID) -> [Effect]? {
        switch action {
        case .undeleteEntry:
            let back = history.undelete()
            let what = back.count == 1 ? "The entry is" : "\(back.count) entries are"
            status = StatusMessage(.success, "\(what) back")
            return back.map { .undelete($0) } + showSelectedEntry()
        case .toggleStar: return toggleStar()
        case .editNote:
            guard let entry = history.selected else { return [] }
            layers.append(.input(LineEditor(entry.note), .note(entry: entry.id), title: "Note"))
        case .editTags: editTags()
        case .deleteEntry:
            let targets = history.targets
            guard !targets.isEmpty else { return [] }
            let what = targets.count == 1 ? "this entry" : "\(targets.count) entries"
            layers.append(
                .question(
                    .deleteEntries(Set(targets.map(\.id))),
                    text: "Delete \(what) from the history?", yes: "Delete", no: "Keep"))
        default: return nil
        }
        return []
    }

    /// Gives the picked entries a star; when all have one, takes it away.
    private mutating func toggleStar() -> [Effect] {
        let targets = focus == .history ? history.targets : entryInFocus.map { [$0] } ?? []
        let isStarred = !targets.allSatisfy(\.isStarred)
        return targets.flatMap { annotate($0.id) { $0.isStarred = isStarred } }
    }

    /// Asks for tags; of several entries, for those that all have.
    private mutating func editTags() {
        let targets = history.targets
        guard let first = targets.first else { return }
        let common = first.tags.filter { tag in targets.allSatisfy { $0.tags.contains(tag) } }
        let title = targets.count == 1 ? "Tags" : "Tags of \(targets.count) entries"
        layers.append(
            .input(
                LineEditor(common.joined(separator: " ")), .tags(entries: targets.map(\.id)),
                title: title))
    }

    /// Gives entries other tags: those that all had and that are not named any more go, those that
    /// are named come.
    mutating func setTags(_ tags: [String], of ids: [String]) -> [Effect] {
        let targets = ids.compactMap { history.entry($0) }
        let common = Set(targets.first?.tags ?? []).filter { tag in
            targets.allSatisfy { $0.tags.contains(tag) }
        }
        return targets.flatMap { entry in
            let kept = entry.tags.filter { !common.contains($0) && !tags.contains($0) }
            return annotate(entry.id) { $0.tags = kept + tags }
        }
    }

    /// Selects an entry and shows its pictures.
    mutating func selectEntry(_ row: Int) -> [Effect] {
        history.select(row)
        return showSelectedEntry()
    }

    /// Shows the pictures of the selected entry.
    mutating func showSelectedEntry() -> [Effect] {
        guard let entry = history.selected, preview.source != .entry(entry.id) else { return [] }
        preview.open(.entry(entry.id), count: entry.pictures.count)
        preview.isFinal = true
        return entry.pictures.enumerated().map { .load(entry: entry.id, index: $0, $1) }
    }

    /// The ways to take something of the selected entry, with their keys.
    private var restorePicker: Layer {
        let ways: [(ActionID, String)] = [
            (.restoreAll, "Everything"), (.restoreExceptSeed, "Everything but the seed"),
            (.restoreSeed, "Only the seed"), (.restorePrompt, "Only the prompts"),
        ]
        let items = ways.map { id, title in
            Picker.Item(
                id: id.rawValue, title: title, detail: keymap.keyName(of: id, in: .history) ?? "",
                reason: reason(against: id))
        }
        return .picker(Picker(title: "Restore", items: items), .action)
    }

    /// Takes the prompts of the selected entry and, where asked for, its parameters and its seed.
    private mutating func restore(parameters takesParameters: Bool, seed takesSeed: Bool) {
        guard let entry = history.selected else { return }
        take(entry.request, parameters: takesParameters, seed: takesSeed)
        recorded = takesParameters && takesSeed ? entry.request : nil
        parent = entry.id
        setFocus(.prompt)
        if status == nil { status = StatusMessage(.success, "Restored; Enter runs it") }
    }

    /// Takes the prompts of a request and, where asked for, its parameters and its seeds.
    mutating func take(
        _ taken: GenerationRequest, parameters takesParameters: Bool, seed takesSeed: Bool
    ) {
        edit(.prompt) { $0.setText(taken.prompt) }
        edit(.negative) { $0.setText(taken.negativePrompt ?? "") }
        if takesParameters {
            var request = taken
            request.prompt = ""
            request.negativePrompt = nil
            request.expansion = nil
            request.seeds = []
            // Those that tags name come from the prompt again.
            let tagged = Set(LoRATag.tags(in: taken.prompt).map(\.name))
            request.loras.removeAll { tagged.contains($0.name) }
            if !backends.contains(where: { $0.id == request.backend }) {
                request.backend = parameters.request.backend
                status = StatusMessage(
                    .warning,
                    "Backend \(taken.backend) is not here; kept \(request.backend)")
            }
            parameters.request = request
            parameters.count = max(1, taken.seeds.count)
        }
        if takesSeed, !taken.seeds.isEmpty {
            parameters.seed = SeedSetting(exactly: taken.seeds)
        }
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
        guard let entry = history.selected else { return }
        guard let seed = entry.request.seeds.first else {
            status = StatusMessage(.warning, "The entry has no seed")
            return
        }
        parameters.seed = SeedSetting(exactly: entry.request.seeds)
        guard parameters.seed.isList(of: entry.request.seeds.count) else {
            status = StatusMessage(.success, "Seed \(seed) is set")
            return
        }
        parameters.count = entry.request.seeds.count
        status = StatusMessage(.success, "\(parameters.count) seeds from \(seed) on are set")
    }
}
