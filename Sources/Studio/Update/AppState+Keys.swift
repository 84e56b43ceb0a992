import Screen

extension AppState {
    /// Carries out a key: the topmost layer first, then what is typed into a parameter, then the
    /// actions of the focused pane, then typing.
    mutating func press(_ key: KeyEvent) -> [Effect] {
        if let second = keyBehindEscape(key) {
            let effects = press(KeyEvent(.escape))
            return effects + press(second)
        }
        status = nil
        if !layers.isEmpty { return pressInLayer(key) }
        if focus == .parameters, let effects = pressInParameter(key) { return effects }
        if let effects = pressInCompletion(key) { return effects }
        let before = focusedEditor?.revision
        if let action = keymap.action(for: key, in: focus, withCells: showsCells) {
            if action == .complete { return perform(action) }
            return perform(action) + refreshCompletion(after: key, before: before)
        }
        return type(key) + refreshCompletion(after: key, before: before)
    }

    /// The second of two keys that arrived as one: Esc and a function or control key that follow each
    /// other quickly are the same bytes as that key with Alt. Nil where these mean something.
    private func keyBehindEscape(_ key: KeyEvent) -> KeyEvent? {
        guard key.modifiers.contains(.alt) else { return nil }
        switch key.key {
        case .function: break
        case .character where key.modifiers.contains(.control): break
        default: return nil
        }
        guard
            !layers.isEmpty || keymap.action(for: key, in: focus, withCells: showsCells) == nil
        else { return nil }
        return KeyEvent(key.key, key.modifiers.subtracting(.alt))
    }

    /// Carries out an action, or says why it cannot be carried out.
    public mutating func perform(_ action: ActionID) -> [Effect] {
        if let reason = reason(against: action) {
            status = StatusMessage(.warning, "\(Action.named(action)?.title ?? ""): \(reason)")
            return []
        }
        // The palette offers them everywhere.
        if !focus.isEditor, Self.textActions.contains(action) { setFocus(.prompt) }
        if focus.isEditor, performOnText(action) { return [] }
        return performInStudio(action) ?? performOnSheet(action) ?? performOnRecords(action)
            ?? performOnSettings(action) ?? performOnPictures(action) ?? performOnComparison(action)
            ?? performOnHistory(action) ?? performOnQueue(action) ?? []
    }

    /// What the palette offers of editing text; it means the prompt where no text has the focus.
    private static let textActions: Set<ActionID> = [
        .newLine, .undo, .redo, .complete, .weightUp, .weightDown, .selectAll, .cut, .copy, .yank,
        .transpose,
    ]

    /// Whether keys are meant for the cells of the labelled grid.
    public var showsCells: Bool { focus == .preview && preview.showsSheet && sheet != nil }

    private mutating func performInStudio(_ action: ActionID) -> [Effect]? {
        switch action {
        case .generate: return generate()
        case .cancel: return cancelRunning()
        case .quit: return quit()
        case .help: layers.append(.help(scroll: 0))
        case .palette: layers.append(palette)
        case .suspend: return [.suspend]
        case .redraw: return [.redraw]
        case .nextPane: moveFocus(1)
        case .previousPane: moveFocus(-1)
        case .toggleZoom: isZoomed.toggle()
        case .complete: return complete()
        case .focusPrompt: setFocus(.prompt)
        case .focusNegative: setFocus(.negative)
        case .focusParameters: setFocus(.parameters)
        case .focusPreview: setFocus(.preview)
        case .focusHistory: setFocus(.history)
        case .focusQueue: setFocus(.queue)
        case .openEditor:
            let pane = focus == .negative ? Pane.negative : .prompt
            return [
                .openEditor(pane, pane == .negative ? negative.editor.text : prompt.editor.text)
            ]
        default: return nil
        }
        return []
    }

    private mutating func moveFocus(_ offset: Int) {
        let order = Pane.allCases
        let index = order.firstIndex(of: focus) ?? 0
        setFocus(order[(index + offset + order.count) % order.count])
    }

    /// Moves the focus; a value that is being typed is taken.
    public mutating func setFocus(_ pane: Pane) {
        if focus == .parameters, pane != .parameters { commitParameter() }
        if focus != pane { completion = nil }
        focus = pane
        if [.preview, .history, .queue].contains(pane) { sidePane = pane }
    }

    private mutating func type(_ key: KeyEvent) -> [Effect] {
        guard focus.isEditor, key.modifiers.isEmpty, case .character(let character) = key.key else {
            return []
        }
        edit(focus) { $0.insert(String(character), isTyping: true) }
        return []
    }

    /// Changes the text of an editor; it is the user's own from then on.
    mutating func edit(_ pane: Pane, _ change: (inout TextEditor) -> Void) {
        switch pane {
        case .prompt:
            change(&prompt.editor)
            prompt.recalled = nil
            // What was cut here can be pasted there.
            negative.editor.killed = prompt.editor.killed
        case .negative:
            change(&negative.editor)
            negative.recalled = nil
            prompt.editor.killed = negative.editor.killed
        default: break
        }
    }

    mutating func paste(_ text: String) {
        status = nil
        completion = nil
        switch layers.last {
        case .picker(var picker, let choice)?:
            picker.edit { $0.paste(text) }
            layers[layers.count - 1] = .picker(picker, choice)
        case .input(var field, let purpose, let title)?:
            field.paste(text)
            layers[layers.count - 1] = .input(field, purpose, title: title)
        case .help?, .details?, .question?: break
        case nil where focus == .parameters: pasteIntoParameter(text)
        case nil:
            let pane = focus.isEditor ? focus : .prompt
            setFocus(pane)
            edit(pane) { $0.insert(text) }
        }
    }

    private var palette: Layer {
        let items = Action.all.filter(\.isInPalette).map { action in
            Picker.Item(
                id: action.id.rawValue, title: action.title,
                detail: keymap.bindings(of: action.id).first?.key.name ?? "",
                reason: reason(against: action.id))
        }
        return .picker(Picker(title: "Commands", items: items), .action)
    }

    /// Asks before work is lost.
    private mutating func quit() -> [Effect] {
        guard !queue.jobs.isEmpty else { return end() }
        layers.append(quitQuestion)
        return []
    }

    private var quitQuestion: Layer {
        let running = queue.running.count { $0.phase == .stopping || !$0.comesBack }
        let waiting = queue.jobs.count - running
        var parts: [String] = []
        if running > 0 {
            parts.append(running == 1 ? "A job is running" : "\(running) jobs are running")
        }
        if waiting > 0 {
            parts.append(
                "\(waiting) \(waiting == 1 ? "job comes" : "jobs come") back at the next start")
        }
        if parts.isEmpty { parts = ["All jobs are done"] }
        return .question(
            .quit, text: parts.joined(separator: "; ") + ".",
            yes: running > 0 ? "Stop and quit" : "Quit", no: "Stay")
    }

    /// Jobs end while somebody thinks about leaving.
    mutating func refreshQuitQuestion() {
        guard case .question(.quit, _, _, _)? = layers.last else { return }
        layers[layers.count - 1] = quitQuestion
    }
}
