import Generation

extension AppState {
    /// Shows, narrows or closes the popup under a value that is being typed.
    ///
    /// - Parameter before: the value's editor before the event.
    /// - Returns: a wish for the folder that was typed.
    mutating func refreshValueCompletion(before: LineEditor?, isListed: Bool) -> [Effect] {
        guard let editing = parameters.editing else {
            if completion?.pane == .parameters { completion = nil }
            return []
        }
        guard editing != before || isListed else { return [] }
        if completion?.pane == .parameters { completion = nil }
        guard layers.isEmpty,
            let slot = ValueSlot(
                parameters.selection, editing.editor.characters, cursor: editing.editor.cursor),
            // Names and files of a service are its own; pictures are sent to it from here.
            isLocal || slot.files == .pictures
        else { return [] }
        completion = Completion(slot, of: library, folder)
        guard slot.files != nil, folder?.folder != slot.folder || before == nil else { return [] }
        return [.listFolder(slot.folder)]
    }
}

extension Completion {
    /// What can stand in a slot of a value; nil when nothing can.
    ///
    /// - Parameter listing: the folder that was read last; only that of the slot counts.
    init?(_ slot: ValueSlot, of library: Library, _ listing: FolderListing?) {
        let named = slot.names.flatMap { library.items(of: $0) }
        let words = slot.words.map {
            Item(kind: .option, name: $0, detail: "", insertion: $0, continues: $0.hasSuffix("="))
        }
        let found =
            Self.matches(slot.query, in: named + words).map { slot.quoting($0) }
            + slot.files(in: listing)
        guard !found.isEmpty, found.count > 1 || found[0].name != slot.part else { return nil }
        let isComplete = found.contains { $0.name == slot.part }
        self.init(
            pane: .parameters, range: slot.range, items: Array(found.prefix(200)),
            takesEnter: !slot.part.isEmpty && !isComplete)
    }
}

extension ValueSlot {
    /// The files and folders of a listing that go on with what was typed.
    fileprivate func files(in listing: FolderListing?) -> [Completion.Item] {
        guard let files, let listing, listing.folder == folder else { return [] }
        let begun = part.lowercased()
        return listing.entries.filter { entry in
            files.accepts(entry) && entry.name.lowercased().hasPrefix(begun)
                && (begun.hasPrefix(".") || !entry.name.hasPrefix("."))
        }.map { entry in
            let path = folder + entry.name
            let bound = bindsFile ? "\(Self.word(for: entry.name))=\(path)" : path
            return Completion.Item(
                kind: entry.isFolder ? .folder : .file,
                name: entry.isFolder ? entry.name + "/" : entry.name, detail: "",
                insertion: entry.isFolder ? quoted(path + "/", isOpen: true) : quoted(bound),
                continues: entry.isFolder)
        }
    }

    /// The word that a file is bound to: its name without ending and without spaces.
    private static func word(for file: String) -> String {
        let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file[...]
        return String(stem.map { $0.isWhitespace || "=,".contains($0) ? "-" : $0 })
    }

    fileprivate func quoting(_ item: Completion.Item) -> Completion.Item {
        guard item.kind != .option else { return item }
        var item = item
        item.insertion = quoted(item.name)
        return item
    }

    /// - Parameter isOpen: whether more will follow, so that the quotation stays open.
    private func quoted(_ text: String, isOpen: Bool = false) -> String {
        guard isWord, text.contains(where: { $0 == " " || $0 == ";" }) else { return text }
        return "\"" + text + (isOpen ? "" : "\"")
    }
}
