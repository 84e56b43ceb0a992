import Presets
import Screen

/// The keys that matter now.
enum KeyFooter {
    static func draw(_ state: AppState, _ row: Rect, _ painter: inout Painter) {
        guard row.width > 2 else { return }
        painter.fill(row, role: .keyLabel)
        var x = row.x + 1
        for (key, title) in fitting(entries(state), in: row.width - 2) {
            x = painter.text(key, x: x, y: row.y, width: row.maxX - x, role: .key, on: .keyLabel)
            x =
                painter.text(title, x: x + 1, y: row.y, width: row.maxX - x - 1, role: .keyLabel)
                + 2
        }
    }

    /// As many of the entries as fit, in order. The one that leads to all the others is among them.
    private static func fitting(_ entries: [Entry], in width: Int) -> [Entry] {
        func columns(_ entry: Entry) -> Int {
            TextWidth.width(of: entry.key) + 1 + TextWidth.width(of: entry.title) + 2
        }
        let help = entries.firstIndex { $0.title == Action.named(.help)?.title }
        var room = width + 2 - (help.map { columns(entries[$0]) } ?? 0)
        var count = 0
        for (index, entry) in entries.enumerated() where index != help {
            guard columns(entry) <= room else { break }
            room -= columns(entry)
            count = index + 1
        }
        guard let help, help >= count else { return Array(entries.prefix(count)) }
        return entries.prefix(count) + [entries[help]]
    }

    private typealias Entry = (key: String, title: String)

    private static func entries(_ state: AppState) -> [Entry] {
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
            return [
                .generate, .editParameter, .findParameter, .parameterMore, .resetParameter,
                .choosePreset,
            ] + common
        case .preview where state.showsCells:
            return [.adoptCell, .openCell, .stopCells, .runCells, .nextPicture] + common
        case .preview:
            return [
                .generate, .nextPicture, .toggleGrid, .zoomIn, .zoomOut, .markPicture, .flipMarked,
                .showDifference, .clearMarks, .saveCopy, .openFolder, .toggleZoom,
            ] + common
        case .history:
            return [
                .restoreAll, .chooseRestore, .showDetails, .runAgain, .replayEntries,
                .toggleTree, .search, .chooseFilter, .pickEntry, .toggleStar, .editNote,
                .deleteEntry, .undeleteEntry,
            ] + common
        case .queue:
            return [.removeJob, .editJob, .moveJobUp, .moveJobDown, .togglePause] + common
        }
    }
}
