import Generation
import Screen

extension AppState {
    /// Actions on the picture; nil when the action is none of these.
    mutating func performOnPictures(_ action: ActionID) -> [Effect]? {
        switch action {
        case .nextPicture where preview.showsSheet: sheet?.turn(1)
        case .previousPicture where preview.showsSheet: sheet?.turn(-1)
        case .nextPicture: preview.step(1)
        case .previousPicture: preview.step(-1)
        case .toggleGrid: preview.isGrid.toggle()
        case .zoomIn: preview.magnify(true, fit: fitScale)
        case .zoomOut: preview.magnify(false, fit: fitScale)
        case .zoomFit: preview.zoom = .fit
        case .zoomActual: preview.zoom = .factor(1)
        case .panLeft: pan(-1, 0)
        case .panRight: pan(1, 0)
        case .panUp: pan(0, -1)
        case .panDown: pan(0, 1)
        case .nudgeLeft: pan(-1, 0, byPixels: true)
        case .nudgeRight: pan(1, 0, byPixels: true)
        case .nudgeUp: pan(0, -1, byPixels: true)
        case .nudgeDown: pan(0, 1, byPixels: true)
        case .saveCopy: askForCopy()
        case .copyCommand:
            guard let entry = entryInFocus else { return [] }
            guard entry.isComplete else { return [.open(entry: entry.id, action)] }
            status = StatusMessage(.success, "The command is on the clipboard")
            return [.copy(CommandLine.text(for: entry.request))]
        case .openFolder:
            guard let entry = entryInFocus else { return [] }
            return [.openFolder(entry: entry.id, index: pictureIndex(of: entry))]
        default: return nil
        }
        return []
    }

    /// Which picture of an entry is shown; the first where none is.
    private func pictureIndex(of entry: HistoryEntry) -> Int {
        preview.source == .entry(entry.id) ? preview.selection : 0
    }

    private mutating func askForCopy() {
        if preview.showsSheet, let sheet {
            let name = sheet.kind == .sweep ? "sweep.png" : "backends.png"
            layers.append(.input(LineEditor(name), .saveSheet, title: "Save the grid as"))
            return
        }
        guard let image = preview.current else { return }
        var origin = PictureOrigin(image)
        if preview.comparison.view == .off, case .entry(let id) = preview.source {
            origin = PictureOrigin(image, entry: id, index: preview.selection)
        }
        layers.append(.input(LineEditor(copyName), .saveCopy(origin), title: "Save as"))
    }

    /// A name for a copy: the first words of the prompt, and the seed.
    private var copyName: String {
        var words = preview.comparison.view == .difference ? ["difference"] : []
        if case .entry(let id) = preview.source, let entry = history.entry(id) {
            words += entry.prompt.split { !$0.isLetter && !$0.isNumber }
                .prefix(6).map { $0.lowercased() }
            if entry.pictures.indices.contains(preview.selection),
                let seed = entry.pictures[preview.selection].seed
            {
                words.append(String(seed))
            }
        }
        let name = words.joined(separator: "-")
        return (name.isEmpty || name.utf8.count > 200 ? "picture" : name) + ".png"
    }
}
