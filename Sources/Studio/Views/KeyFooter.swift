import Presets
import Screen

/// The keys that matter now.
enum KeyFooter {
    static func draw(_ state: AppState, _ row: Rect, _ painter: inout Painter) {
        guard row.width > 2 else { return }
        painter.fill(row, role: .keyLabel)
        var x = row.x + 1
        for (key, title) in entries(state) {
            let width = TextWidth.width(of: key) + 1 + TextWidth.width(of: title)
            guard x + width <= row.maxX - 1 else { break }
            x = painter.text(key, x: x, y: row.y, width: row.maxX - x, role: .key, on: .keyLabel)
            x =
                painter.text(title, x: x + 1, y: row.y, width: row.maxX - x - 1, role: .keyLabel)
                + 2
        }
    }

    private static func entries(_ state: AppState) -> [(String, String)] {
        switch state.layers.last {
        case .help?, .details?: return [("↑↓", "scroll"), ("Esc", "close")]
        case .picker(let picker, _)? where picker.marks != nil:
            return [("↑↓", "select"), ("Space", "mark"), ("Enter", "send"), ("Esc", "close")]
        case .input(_, .sweep, _)?: return [("Enter", "run"), ("Esc", "close")]
        case .picker?: return [("↑↓", "select"), ("Enter", "choose"), ("Esc", "close")]
        case .question(_, _, let yes, let no)?: return [("Enter", yes), ("Esc", no)]
        case .input?: return [("Enter", "take"), ("Esc", "close")]
        case nil: break
        }
        if state.completion != nil { return [("Tab", "take"), ("↑↓", "select"), ("Esc", "close")] }
        if state.focus == .parameters, state.parameters.editing != nil {
            return [("Enter", "take"), ("Esc", "drop")]
        }
        return wanted(state).compactMap { id in
            guard state.reason(against: id) == nil, let action = Action.named(id),
                let key = state.keymap.keyName(
                    of: id, in: state.focus, withCells: state.showsCells)
            else { return nil }
            return (key, action.title)
        }
    }

    private static func wanted(_ state: AppState) -> [ActionID] {
        let common: [ActionID] = [.cancel, .help, .palette, .nextPane, .quit]
        switch state.focus {
        case .prompt, .negative:
            return [
                .generate, .cancel, .help, .palette, .nextPane, .quit, .weightUp, .newLine,
                .openEditor, .undo, .lockSeed,
            ]
        case .parameters:
            return [.generate, .editParameter, .parameterMore, .resetParameter, .choosePreset]
                + common
        case .preview where state.showsCells:
            return [.adoptCell, .openCell, .stopCells, .runCells, .nextPicture] + common
        case .preview:
            return [
                .generate, .nextPicture, .toggleGrid, .zoomIn, .zoomOut, .markPicture, .flipMarked,
                .showDifference, .clearMarks, .saveCopy, .openFolder, .toggleZoom,
            ] + common
        case .history:
            return [
                .restoreAll, .restoreExceptSeed, .showDetails, .runAgain, .replayEntries,
                .toggleTree, .search, .chooseFilter, .pickEntry, .toggleStar, .editNote,
                .deleteEntry, .undeleteEntry,
            ] + common
        case .queue:
            return [.removeJob, .editJob, .moveJobUp, .moveJobDown, .togglePause] + common
        }
    }
}
