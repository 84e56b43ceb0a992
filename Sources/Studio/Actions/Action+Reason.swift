extension AppState {
    /// Why an action cannot be carried out now; nil when it can.
    public func reason(against action: ActionID) -> String? {
        switch action {
        case .cancel: queue.running.isEmpty ? "nothing is running" : nil
        case .undo, .redo, .cut, .copy, .yank: reasonInText(against: action)
        case .recallSeed: lastSeeds.isEmpty ? "no run yet" : nil
        case .chooseStyle: library.styles.isEmpty ? "no styles were found" : nil
        case .choosePreset: library.presets.isEmpty ? "no presets were found" : nil
        case .chooseTheme: library.themes.isEmpty ? "no themes were found" : nil
        case .startSweep, .sendToBackends, .showSheet, .adoptCell, .openCell, .runCells, .stopCells:
            reasonOnSheet(against: action)
        case .reroll:
            entryInFocus.map { $0.isComplete && drawsInFocus.isEmpty } ?? true
                ? "no run with {choices} or __wildcards__ is selected" : nil
        case .nextPicture, .previousPicture, .toggleGrid:
            preview.images.count < 2 && (action == .toggleGrid || !preview.showsSheet)
                ? "the run has one picture" : nil
        case .saveCopy where preview.showsSheet:
            sheet?.doneCount == 0 ? "no cell has its picture yet" : nil
        case .zoomIn, .zoomOut, .zoomFit, .zoomActual, .saveCopy:
            preview.current == nil ? "no picture is shown" : nil
        case .panLeft, .panRight, .panUp, .panDown:
            preview.zoom == .fit && !preview.showsGrid && !preview.showsSheet
                ? "zoom in first" : nil
        case .nudgeLeft, .nudgeRight, .nudgeUp, .nudgeDown:
            preview.zoom == .fit ? "zoom in first" : nil
        case .toggleStar, .copyCommand, .openFolder:
            entryInFocus == nil ? "no entry is selected" : nil
        case .markPicture, .markOther, .flipMarked, .showDifference, .strongerDifference,
            .weakerDifference, .clearMarks:
            reasonInComparison(against: action)
        case .restoreAll, .restoreExceptSeed, .restoreSeed, .restorePrompt, .chooseRestore,
            .runAgain, .showDetails, .pickEntry, .replayEntries, .replaySession, .editNote,
            .editTags, .deleteEntry:
            history.selected == nil ? "no entry is selected" : nil
        case .undeleteEntry: history.deleted.isEmpty ? "nothing was deleted" : nil
        case .search, .chooseFilter, .chooseSession, .toggleTree, .pickAll:
            history.entries.isEmpty ? "the history is empty" : nil
        case .moveJobUp, .moveJobDown, .editJob: reasonOnJob(against: action)
        case .removeJob: selectedJob == nil ? "the queue is empty" : nil
        default: nil
        }
    }

    private func reasonInText(against action: ActionID) -> String? {
        let editor = focusedEditor ?? prompt.editor
        return switch action {
        case .undo: editor.canUndo ? nil : "nothing to undo"
        case .redo: editor.canRedo ? nil : "nothing to redo"
        case .yank: editor.killed.isEmpty ? "nothing was cut yet" : nil
        default: editor.selection == nil ? "nothing is selected" : nil
        }
    }

    private func reasonOnJob(against action: ActionID) -> String? {
        guard let job = selectedJob, job.isWaiting else { return "no waiting job is selected" }
        let waiting = queue.waiting.map(\.id)
        return switch action {
        case .moveJobUp: waiting.first == job.id ? "the job is the next one already" : nil
        case .moveJobDown: waiting.last == job.id ? "the job is the last one already" : nil
        default: job.isReplay ? "a replay has nothing to edit" : nil
        }
    }

    private func reasonInComparison(against action: ActionID) -> String? {
        let comparison = preview.comparison
        return switch action {
        case .markPicture, .markOther: preview.own == nil ? "no picture is shown" : nil
        case .flipMarked: comparison.first == nil ? "mark A first" : nil
        case .showDifference:
            comparison.view != .difference && comparedPictures == nil
                ? (comparison.first == nil ? "mark A first" : "A is the picture that is shown")
                : nil
        case .strongerDifference, .weakerDifference:
            comparison.view == .difference ? nil : "no difference is shown"
        default:
            comparison.first == nil && comparison.second == nil && comparison.view == .off
                ? "nothing is marked" : nil
        }
    }

    /// The job that the queue pane points at.
    public var selectedJob: Job? {
        queue.jobs.indices.contains(queueSelection) ? queue.jobs[queueSelection] : nil
    }

    /// The entry whose picture is shown, or that is selected in the history.
    public var entryInFocus: HistoryEntry? {
        if focus != .history, preview.showsSheet, let id = sheet?.selected?.entry {
            return history.entry(id)
        }
        if focus != .history, case .entry(let id) = preview.source {
            return history.entry(id)
        }
        return history.selected
    }
}
