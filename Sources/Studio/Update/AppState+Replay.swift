import Generation
import Screen

extension AppState {
    /// Queues a replay of entries; many are asked about first.
    mutating func askForReplay(_ ids: [String]) -> [Effect] {
        guard ids.count > 20 else { return queueReplays(ids) }
        layers.append(
            .question(
                .replay(ids), text: "Run \(ids.count) entries again, and compare the pictures?",
                yes: "Replay", no: "Leave"))
        return []
    }

    /// Asks whether all finished entries of the selected entry's session are to be run again.
    mutating func askForSessionReplay() -> [Effect] {
        guard let entry = history.selected else { return [] }
        let ids = history.entries.reversed()
            .filter { $0.session == entry.session && $0.status == .finished }.map(\.id)
        guard !ids.isEmpty else {
            status = StatusMessage(.warning, "The session has no finished entry")
            return []
        }
        let name = entry.session.map { HistoryFilter.sessionTitle($0) } ?? "this session"
        let what = ids.count == 1 ? "the finished entry" : "all \(ids.count) finished entries"
        layers.append(
            .question(
                .replay(ids),
                text: "Run \(what) of \(printable(name, limit: 60)) again, and compare?",
                yes: "Replay", no: "Leave"))
        return []
    }

    /// Queues a replay of entries, a job for each backend that made some of them.
    mutating func queueReplays(_ ids: [String]) -> [Effect] {
        var byBackend: [String: [String]] = [:]
        var order: [String] = []
        for id in ids {
            guard let entry = history.entry(id), replays[id]?.isOver != false else { continue }
            let backend = entry.settings.backend
            if entry.status != .finished {
                replays[id] = EntryReplay(.cannot, "it did not finish: \(entry.status.rawValue)")
            } else if !backends.contains(where: { $0.id == backend }) {
                replays[id] = EntryReplay(
                    .cannot, "the backend \(printable(backend, limit: 40)) is not here")
            } else {
                if byBackend[backend] == nil { order.append(backend) }
                byBackend[backend, default: []].append(id)
                replays[id] = EntryReplay(.waiting)
            }
        }
        history.dropPicks()
        guard !order.isEmpty else {
            if let id = ids.first, ids.count == 1, let replay = replays[id], replay.isOver {
                status = StatusMessage(.warning, "Cannot replay: \(replay.text)")
            }
            return []
        }
        for backend in order {
            var request = GenerationRequest(prompt: "")
            request.backend = backend
            queue.append(request, randomSeeds: 0, replays: byBackend[backend] ?? [])
        }
        return startOrTell()
    }

    /// Takes note of what a replay says of an entry.
    mutating func learn(_ replay: EntryReplay, of entry: String, in job: Job.ID) {
        replays[entry] = replay
        if replay.isOver { queue.endReplay(job) }
    }

    /// Forgets that entries wait for a replay that does not come.
    mutating func dropReplays(of job: Job) {
        for id in job.replays where replays[id]?.isOver == false { replays[id] = nil }
    }

    /// Says how the entries of a replay came out.
    func outcome(ofReplay job: Job) -> StatusMessage {
        let found = job.replays.compactMap { replays[$0] }.filter(\.isOver)
        let parts = EntryReplay.State.allCases.compactMap { state -> String? in
            let count = found.count { $0.state == state }
            return count == 0 ? nil : "\(count) \(state.word)"
        }
        let isGood = found.allSatisfy { $0.state == .identical }
        let text = parts.isEmpty ? "nothing was compared" : parts.joined(separator: ", ")
        return StatusMessage(isGood ? .success : .warning, "Replay: \(text)")
    }
}

extension EntryReplay.State {
    /// What is said of an entry.
    var word: String { self == .cannot ? "cannot be compared" : rawValue }
}
