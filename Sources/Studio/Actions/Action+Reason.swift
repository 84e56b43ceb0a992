extension AppState {
    /// Why an action cannot be carried out now; nil when it can.
    public func reason(against action: ActionID) -> String? {
        switch action {
        case .cancel: queue.running.isEmpty ? "nothing is running" : nil
        case .undo: focusedEditor?.canUndo == false ? "nothing to undo" : nil
        case .redo: focusedEditor?.canRedo == false ? "nothing to redo" : nil
        case .recallSeed: lastSeeds.isEmpty ? "no run yet" : nil
        case .chooseStyle: library.styles.isEmpty ? "no styles were found" : nil
        case .choosePreset: library.presets.isEmpty ? "no presets were found" : nil
        case .chooseTheme: library.themes.isEmpty ? "no themes were found" : nil
        case .nextPicture, .previousPicture, .toggleGrid:
            preview.images.count < 2 ? "the run has one picture" : nil
        case .zoomIn, .zoomOut, .zoomFit, .zoomActual, .markPicture, .saveCopy:
            preview.current == nil ? "no picture is shown" : nil
        case .panLeft, .panRight, .panUp, .panDown:
            preview.zoom == .fit ? "zoom in first" : nil
        case .flipMarked: preview.marked == nil ? "no picture is marked" : nil
        case .toggleStar, .copyCommand: entryInFocus == nil ? "no entry is selected" : nil
        case .restoreAll, .restoreExceptSeed, .restoreSeed, .restorePrompt, .runAgain, .showDetails,
            .editNote,
            .editTags, .deleteEntry:
            history.selected == nil ? "no entry is selected" : nil
        case .undeleteEntry: history.deleted.isEmpty ? "nothing was deleted" : nil
        case .search: history.entries.isEmpty ? "the history is empty" : nil
        case .moveJobUp, .moveJobDown, .editJob:
            selectedJob?.isWaiting == true ? nil : "no waiting job is selected"
        case .removeJob: selectedJob == nil ? "the queue is empty" : nil
        default: nil
        }
    }

    /// The job that the queue pane points at.
    public var selectedJob: Job? {
        queue.jobs.indices.contains(queueSelection) ? queue.jobs[queueSelection] : nil
    }

    /// The entry whose picture is shown, or that is selected in the history.
    public var entryInFocus: HistoryEntry? {
        if focus != .history, case .entry(let id) = preview.source {
            return history.entries.first { $0.id == id }
        }
        return history.selected
    }
}
