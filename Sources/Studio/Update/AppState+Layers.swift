import Generation
import Screen

extension AppState {
    /// Gives a key to the topmost layer.
    mutating func pressInLayer(_ key: KeyEvent) -> [Effect] {
        guard let layer = layers.popLast() else { return [] }
        // A line stays in sight from one page to the next.
        let page = max(1, (LayerView.frame(of: layer, in: self)?.height ?? 0) - 3)
        switch layer {
        case .help(let scroll):
            guard let wanted = Self.scrolled(scroll, by: key, page) else { return [] }
            layers.append(.help(scroll: min(wanted, HelpView.lastScroll(self))))
        case .details(let entry, let scroll):
            guard let wanted = Self.scrolled(scroll, by: key, page) else { return [] }
            let last = DetailsView.lastScroll(entry, self)
            layers.append(.details(entry: entry, scroll: min(wanted, last)))
        case .picker(let picker, let choice): return pressInPicker(key, picker, choice)
        case .question(let question, _, _, _): return answer(key, question, layer)
        case .input(let field, let purpose, let title):
            return pressInInput(key, field, purpose, title)
        }
        return []
    }

    /// Keys that leave any layer.
    private func leaves(_ key: KeyEvent) -> Bool {
        key.key == .escape || key == KeyEvent(.character("c"), .control)
            || key == KeyEvent(.character("q"), .control)
    }

    /// The first line of a text after a key; nil when the key closes it.
    private static func scrolled(_ scroll: Int, by key: KeyEvent, _ page: Int) -> Int? {
        switch key.key {
        case .down, .character("j"): scroll + 1
        case .up, .character("k"): max(0, scroll - 1)
        case .pageDown, .character(" "): scroll + page
        case .pageUp: max(0, scroll - page)
        case .home, .character("g"): 0
        case .end, .character("G"): Int.max
        default: nil
        }
    }

    private mutating func pressInPicker(_ key: KeyEvent, _ picker: Picker, _ choice: Layer.Choice)
        -> [Effect]
    {
        var picker = picker
        switch (key.key, key.modifiers) {
        case _ where leaves(key):
            if case .theme(let before) = choice { return [.loadTheme(before)] }
            return []
        case (.enter, _): return choose(picker, choice)
        case (.character(" "), []) where picker.marks != nil: picker.toggleMark()
        case (.up, _), (.character("p"), .control), (.tab, .shift): picker.move(-1)
        case (.down, _), (.character("n"), .control), (.tab, []): picker.move(1)
        case (.pageUp, _): picker.move(-10)
        case (.pageDown, _): picker.move(10)
        default: picker.edit { _ = $0.handle(key) }
        }
        layers.append(.picker(picker, choice))
        // The theme under the cursor is shown at once.
        if case .theme = choice, let item = picker.chosen, item.id != look.name {
            return [.loadTheme(item.id)]
        }
        return []
    }

    private mutating func choose(_ picker: Picker, _ choice: Layer.Choice) -> [Effect] {
        guard let item = picker.chosen else {
            layers.append(.picker(picker, choice))
            return []
        }
        switch choice {
        case .action: return ActionID(rawValue: item.id).map { perform($0) } ?? []
        case .parameter(let parameter) where item.id == Self.typedPathValue:
            setFocus(.parameters)
            parameters.selection = parameter
            parameters.editing = LineEditor(value(of: parameter))
            return []
        case .parameter(let parameter):
            if let problem = set(parameter, to: item.id) {
                status = StatusMessage(.warning, "\(parameter.label): \(problem)")
            }
            return []
        case .findParameter:
            setFocus(.parameters)
            parameters.selection = ParameterID(rawValue: item.id) ?? parameters.selection
            parameters.problem = nil
            return []
        case .preset:
            let defaults = backend?.defaults ?? RequestDefaults()
            return [.loadPreset(item.id, parameters.request, defaults)]
        case .theme: return [.loadTheme(item.id)]
        case .backends: return compareBackends(picker)
        case .draft: return [.takeDraft(item.id)]
        case .draw(let entry):
            guard let number = Int(item.id), let request = history.entry(entry)?.request else {
                return []
            }
            return [.reroll(request, draw: number, parent: entry)]
        case .filter(let filters):
            if let index = Int(item.id), filters.indices.contains(index) {
                history.setFilter(filters[index])
            }
            return showSelectedEntry()
        case .session:
            history.setFilter(item.id.isEmpty ? .all : .session(item.id))
            return showSelectedEntry()
        }
    }

    private mutating func answer(_ key: KeyEvent, _ question: Layer.Question, _ layer: Layer)
        -> [Effect]
    {
        switch key.key {
        case .enter, .character("y"), .character("Y"): return accept(question)
        case .escape, .character("n"), .character("N"): return []
        default:
            if !leaves(key) { layers.append(layer) }
            return []
        }
    }

    private mutating func accept(_ question: Layer.Question) -> [Effect] {
        switch question {
        case .quit: return end()
        case .deleteEntries(let ids):
            history.delete(ids)
            let key = keymap.keyName(of: .undeleteEntry, in: .history) ?? "the palette"
            let what = ids.count == 1 ? "it" : "them"
            status = StatusMessage(.information, "Deleted; \(key) brings \(what) back")
            return ids.sorted().map { .delete($0) } + showSelectedEntry()
        case .replay(let ids): return queueReplays(ids)
        case .replacePreset(let name): return [.savePreset(name, parameters.request)]
        case .replaceFile(let picture, let path):
            return [.saveCopy(picture, path, replaces: true)]
        case .replaceSheet(let path):
            return sheet.map { [.exportSheet($0, path, replaces: true)] } ?? []
        }
    }

    private mutating func pressInInput(
        _ key: KeyEvent, _ field: LineEditor, _ purpose: Layer.Purpose, _ title: String
    ) -> [Effect] {
        var field = field
        if leaves(key) {
            if purpose == .sweep { sweepText = field.text }
            guard purpose == .search else { return [] }
            history.setQuery("")
            return showSelectedEntry()
        }
        if key.key == .enter {
            // The line stays until its axes are known to be right.
            if purpose == .sweep { layers.append(.input(field, purpose, title: title)) }
            return finish(purpose, field.text)
        }
        _ = field.handle(key)
        layers.append(.input(field, purpose, title: title))
        if purpose == .search { history.setQuery(field.text) }
        return purpose == .search ? showSelectedEntry() : []
    }

    private mutating func finish(_ purpose: Layer.Purpose, _ text: String) -> [Effect] {
        switch purpose {
        case .search: return showSelectedEntry()
        case .saveCopy(let image):
            return text.isEmpty ? [] : [.saveCopy(image, text, replaces: false)]
        case .saveSheet:
            guard let sheet, !text.isEmpty else { return [] }
            return [.exportSheet(sheet, text, replaces: false)]
        case .savePreset:
            let words = text.split(whereSeparator: \.isWhitespace)
            let name = words.joined(separator: " ")
            return name.isEmpty ? [] : savePreset(name)
        case .sweep:
            sweepText = text
            return text.isEmpty ? [] : [.planSweep(text, request, begins: true)]
        case .note(let id):
            return annotate(id) { $0.note = text.withoutControls }
        case .tags(let ids):
            var tags: [String] = []
            for tag in text.withoutControls.split(whereSeparator: { " ,#".contains($0) }) {
                if !tags.contains(String(tag)) { tags.append(String(tag)) }
            }
            return setTags(tags, of: ids)
        }
    }

    /// Saves the parameters as a preset; one that exists is asked about first.
    private mutating func savePreset(_ name: String) -> [Effect] {
        guard library.presets.contains(where: { $0.name == name }) else {
            return [.savePreset(name, parameters.request)]
        }
        layers.append(
            .question(
                .replacePreset(name),
                text: "There is a preset \(printable(name, limit: 60)). Replace it?",
                yes: "Replace", no: "Keep"))
        return []
    }

    /// Changes what a person says about an entry.
    mutating func annotate(_ id: String, _ change: (inout HistoryEntry) -> Void) -> [Effect] {
        guard let old = history.entry(id) else { return [] }
        var entry = old
        change(&entry)
        guard entry != old else { return [] }
        history.store(entry)
        return [.annotate(entry)]
    }
}

extension String {
    /// The text without control characters: they mean nothing in a name, a note or a tag.
    fileprivate var withoutControls: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }
}
