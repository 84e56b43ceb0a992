import Generation
import Screen

extension AppState {
    /// Actions on what was typed elsewhere or drawn before; nil when the action is none of these.
    mutating func performOnRecords(_ action: ActionID) -> [Effect]? {
        switch action {
        case .recoverDraft: return [.listDrafts]
        case .reroll: return reroll()
        default: return nil
        }
    }

    // MARK: Drafts

    /// Lists the drafts that other studios have left.
    mutating func offer(_ drafts: [LeftDraft]) {
        guard !drafts.isEmpty else {
            status = StatusMessage(.information, "No other draft was left")
            return
        }
        let items = drafts.map { draft in
            Picker.Item(
                id: draft.name, title: printable(draft.prompt, limit: 60), detail: draft.date)
        }
        layers.append(.picker(Picker(title: "Drafts", items: items), .draft))
    }

    /// Takes a draft over; the texts that it replaces come back with undo.
    mutating func recover(_ draft: Draft) -> [Effect] {
        edit(.prompt) { $0.setText(draft.prompt) }
        edit(.negative) { $0.setText(draft.negative) }
        takeParameters(of: draft)
        setFocus(.prompt)
        let key = keymap.keyName(of: .undo, in: .prompt) ?? "undo"
        status = StatusMessage(.success, "The draft is back; \(key) brings the other text back")
        return []
    }

    // MARK: Choices of a prompt

    /// The draws behind the run in focus.
    var drawsInFocus: [PromptDraws.Draw] { entryInFocus?.request.expansion?.draws?.draws ?? [] }

    private mutating func reroll() -> [Effect] {
        guard let entry = entryInFocus else { return [] }
        guard entry.isComplete else { return [.open(entry: entry.id, .reroll)] }
        let draws = drawsInFocus
        if draws.count == 1 { return [.reroll(entry.request, draw: 1, parent: entry.id)] }
        let items = draws.enumerated().map { number, draw in
            Picker.Item(
                id: "\(number + 1)", title: printable(draw.source, limit: 60),
                detail: Self.picked(draw))
        }
        layers.append(
            .picker(Picker(title: "Draw again", items: items), .draw(entry: entry.id)))
        return []
    }

    /// Which of a choice's options came out.
    private static func picked(_ draw: PromptDraws.Draw) -> String {
        let numbers = draw.picks.map { String($0 + 1) }.joined(separator: ", ")
        return "\(numbers) of \(draw.options)"
    }

    /// Queues a run whose prompt was drawn again in one place.
    mutating func runRerolled(_ request: GenerationRequest, parent: String) -> [Effect] {
        queue.append(request, randomSeeds: 0, parent: parent)
        let text = printable(request.expansion?.prompt ?? request.prompt, limit: 120)
        let effects = startOrTell()
        status = StatusMessage(.information, "Drawn again: \(text)")
        return effects
    }
}
