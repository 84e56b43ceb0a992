import Generation
import Screen

extension AppState {
    /// Carries out an action of the focused editor.
    ///
    /// - Returns: false when the action is not one of text.
    mutating func performOnText(_ action: ActionID) -> Bool {
        switch action {
        case .moveUp: return moveRow(-1, selecting: false)
        case .moveDown: return moveRow(1, selecting: false)
        case .selectUp: return moveRow(-1, selecting: true)
        case .selectDown: return moveRow(1, selecting: true)
        case .weightUp: return nudgeWeight(0.1)
        case .weightDown: return nudgeWeight(-0.1)
        default: break
        }
        guard let command = Self.textCommand(action) else { return false }
        edit(focus, command)
        return true
    }

    private mutating func nudgeWeight(_ amount: Double) -> Bool {
        var isChanged = false
        edit(focus) { editor in
            var changed = editor
            isChanged = changed.nudgeWeight(by: amount)
            if isChanged { editor = changed }
        }
        if !isChanged { status = StatusMessage(.warning, "No word at the cursor takes a weight") }
        return true
    }

    private static func textCommand(_ action: ActionID) -> ((inout TextEditor) -> Void)? {
        switch action {
        case .newLine: { $0.insert("\n") }
        case .undo: { $0.undo() }
        case .redo: { $0.redo() }
        case .selectAll: { $0.selectAll() }
        case .cut: { $0.cut() }
        case .copy: { $0.copy() }
        case .yank: { $0.yank() }
        case .transpose: { $0.transpose() }
        case .deleteLeft: { $0.delete(.left) }
        case .deleteRight: { $0.delete(.right) }
        case .deleteWordLeft: { $0.delete(.wordLeft, kills: true) }
        case .deleteWordRight: { $0.delete(.wordRight, kills: true) }
        case .killLineStart: { $0.delete(.lineStart, kills: true) }
        case .killLineEnd: { $0.delete(.lineEnd, kills: true) }
        default: motion(action).map { motion, selects in { $0.move(motion, selecting: selects) } }
        }
    }

    private static func motion(_ action: ActionID) -> (TextEditor.Motion, Bool)? {
        switch action {
        case .moveLeft: (.left, false)
        case .moveRight: (.right, false)
        case .moveWordLeft: (.wordLeft, false)
        case .moveWordRight: (.wordRight, false)
        case .moveLineStart: (.lineStart, false)
        case .moveLineEnd: (.lineEnd, false)
        case .moveTextStart: (.textStart, false)
        case .moveTextEnd: (.textEnd, false)
        case .selectLeft: (.left, true)
        case .selectRight: (.right, true)
        case .selectWordLeft: (.wordLeft, true)
        case .selectWordRight: (.wordRight, true)
        case .selectLineStart: (.lineStart, true)
        case .selectLineEnd: (.lineEnd, true)
        default: nil
        }
    }

    /// Moves by a line; beyond the first and last line of the prompt lie earlier prompts.
    private mutating func moveRow(_ offset: Int, selecting: Bool) -> Bool {
        guard let frame = StudioLayout(self).panes[focus], var editor = focusedEditor else {
            return true
        }
        let field = focus == .prompt ? prompt : negative
        let layout = field.lines(width: StudioLayout.textWidth(in: frame))
        if editor.moveRows(offset, in: layout, selecting: selecting) {
            if focus == .prompt { prompt.editor = editor } else { negative.editor = editor }
        } else if !selecting {
            recallPrompt(offset < 0 ? 1 : -1)
        }
        return true
    }

    /// Brings an earlier prompt (`offset` 1) or a later one (-1) into the focused editor.
    private mutating func recallPrompt(_ offset: Int) {
        let isPrompt = focus == .prompt
        var field = isPrompt ? prompt : negative
        let earlier = earlierTexts(isNegative: !isPrompt)
        let next = (field.recalled ?? -1) + offset
        guard next >= -1, next < earlier.count else { return }
        if field.recalled == nil { field.draft = field.editor.text }
        field.editor.setText(next < 0 ? field.draft : earlier[next])
        field.recalled = next < 0 ? nil : next
        if isPrompt { prompt = field } else { negative = field }
    }

    /// Texts of the history without repetitions, newest first; at most 200.
    private func earlierTexts(isNegative: Bool) -> [String] {
        var seen: Set<String> = []
        var texts: [String] = []
        let own = isNegative ? negative : prompt
        let current = own.recalled == nil ? own.editor.text : own.draft
        for entry in history.entries {
            let text = isNegative ? entry.settings.negativePrompt ?? "" : entry.prompt
            if !text.isEmpty, text != current, seen.insert(text).inserted { texts.append(text) }
            if texts.count == 200 { break }
        }
        return texts
    }

    /// Keeps the cursor's line visible in both editors.
    mutating func scrollEditors() {
        let layout = StudioLayout(self)
        if let frame = layout.panes[.prompt] { scroll(&prompt, in: frame) }
        if let frame = layout.panes[.negative] { scroll(&negative, in: frame) }
    }

    private func scroll(_ field: inout PromptField, in frame: Rect) {
        let rows = max(1, frame.height - 2)
        let width = StudioLayout.textWidth(in: frame)
        field.arrange(width: width)
        let lines = field.lines(width: width)
        let row = lines.place(of: field.editor.cursor, in: field.editor.characters).row
        field.scroll = min(field.scroll, max(0, lines.lines.count - rows))
        if row < field.scroll { field.scroll = row }
        if row >= field.scroll + rows { field.scroll = row - rows + 1 }
    }
}
