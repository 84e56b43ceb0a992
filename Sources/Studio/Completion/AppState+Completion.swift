import Generation
import Screen

extension AppState {
    /// Keys of the popup under the cursor.
    ///
    /// - Returns: nil when the key is not meant for it.
    mutating func pressInCompletion(_ key: KeyEvent) -> [Effect]? {
        guard let completion else { return nil }
        switch (key.key, key.modifiers) {
        case (.tab, []): return take(completion)
        case (.enter, []) where completion.takesEnter: return take(completion)
        case (.down, []): self.completion?.move(1)
        case (.up, []): self.completion?.move(-1)
        case (.escape, []):
            self.completion = nil
            awaitsNames = false
        default: return nil
        }
        return []
    }

    /// Shows, narrows or closes the popup after a key.
    ///
    /// - Parameter before: the editor's revision before the key.
    mutating func refreshCompletion(after key: KeyEvent, before: Int?) -> [Effect] {
        let isTyping =
            switch (key.key, key.modifiers) {
            case (.character, []), (.backspace, []): true
            default: false
            }
        guard isTyping, layers.isEmpty, let editor = focusedEditor, editor.revision != before else {
            completion = nil
            awaitsNames = false
            return []
        }
        completion = Completion(editor, in: focus, of: promptLibrary)
        // Files may have been added since the names were read.
        guard key.key == .character("<") || key.key == .character("_") else { return [] }
        awaitsNames = true
        return [.loadLibrary]
    }

    /// Shows all that could stand at the cursor.
    mutating func complete() -> [Effect] {
        guard let editor = focusedEditor else { return [] }
        completion = Completion(editor, in: focus, of: promptLibrary, isAsked: true)
        if completion == nil {
            status = StatusMessage(
                .information, "No LoRA, embedding, style or wildcard begins like that")
        }
        return [.loadLibrary]
    }

    /// Takes over the names that were read, and offers those that were waited for.
    mutating func learn(_ library: Library) {
        self.library = library
        guard awaitsNames else { return }
        awaitsNames = false
        guard layers.isEmpty, let editor = focusedEditor else { return }
        let found = Completion(editor, in: focus, of: promptLibrary)
        // A selection that was moved by hand stays.
        if found?.items != completion?.items { completion = found }
    }

    /// The library with the words that the parameters bind to files.
    private var promptLibrary: Library {
        var library = library
        let request = parameters.request
        let bound =
            request.embeddings.map { Library.Entry(name: $0.token, summary: $0.path) }
            + request.imagePrompts.compactMap { prompt in
                prompt.word.map { Library.Entry(name: $0, summary: prompt.image) }
            }
        let words = Set(bound.map(\.name))
        library.embeddings.removeAll { words.contains($0.name) }
        library.embeddings = bound + library.embeddings
        return library
    }

    /// Puts the selected name in place of what was typed of it.
    private mutating func take(_ completion: Completion) -> [Effect] {
        self.completion = nil
        let item = completion.chosen
        if !item.detail.isEmpty {
            status = StatusMessage(.information, "\(item.name): \(item.detail)")
        }
        guard completion.pane != .parameters else {
            parameters.problem = nil
            parameters.editing?.editor.replace(completion.range, with: item.text ?? item.name)
            return []
        }
        edit(completion.pane) { $0.replace(completion.range, with: item.text ?? "") }
        guard item.kind == .style else { return [] }
        if let problem = set(.style, to: item.name) {
            status = StatusMessage(.warning, "Style: \(problem)")
        } else {
            status = StatusMessage(.information, "The style is \(item.name)")
        }
        return []
    }
}
