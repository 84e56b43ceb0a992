import Generation
import Screen

extension AppState {
    /// Actions on the picture; nil when the action is none of these.
    mutating func performOnPictures(_ action: ActionID) -> [Effect]? {
        switch action {
        case .nextPicture: preview.step(1)
        case .previousPicture: preview.step(-1)
        case .toggleGrid: preview.isGrid.toggle()
        case .zoomIn: preview.magnify(true)
        case .zoomOut: preview.magnify(false)
        case .zoomFit: preview.zoom = .fit
        case .zoomActual: preview.zoom = .factor(1)
        case .panLeft: preview.pan(-1, 0)
        case .panRight: preview.pan(1, 0)
        case .panUp: preview.pan(0, -1)
        case .panDown: preview.pan(0, 1)
        case .markPicture:
            preview.marked = preview.current
            status = StatusMessage(.information, "Marked; v flips between it and others")
        case .flipMarked: preview.showsMarked.toggle()
        case .saveCopy:
            guard let image = preview.current else { return [] }
            layers.append(.input(LineEditor("picture.png"), .saveCopy(image), title: "Save as"))
        case .copyCommand:
            guard let entry = entryInFocus else { return [] }
            guard entry.isComplete else { return [.open(entry: entry.id, action)] }
            status = StatusMessage(.success, "The command is on the clipboard")
            return [.copy(CommandLine.text(for: entry.request))]
        default: return nil
        }
        return []
    }
}
