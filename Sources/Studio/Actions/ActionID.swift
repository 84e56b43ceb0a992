/// Names of everything that a person can do; the raw value is the key of the configuration.
public enum ActionID: String, Hashable, Sendable, CaseIterable {
    // The studio.
    case generate, cancel, quit, help, palette, suspend, redraw
    case nextPane, previousPane, toggleZoom
    case focusPrompt, focusNegative, focusParameters, focusPreview, focusHistory, focusQueue
    // Text.
    case newLine, undo, redo, openEditor, complete, weightUp, weightDown
    case moveLeft, moveRight, moveUp, moveDown, moveWordLeft, moveWordRight
    case moveLineStart, moveLineEnd, moveTextStart, moveTextEnd
    case selectLeft, selectRight, selectUp, selectDown, selectWordLeft, selectWordRight
    case selectLineStart, selectLineEnd, selectAll
    case deleteLeft, deleteRight, deleteWordLeft, deleteWordRight, killLineStart, killLineEnd
    case cut, copy, yank, transpose
    // Settings.
    case chooseBackend, chooseModel, chooseSize, chooseSampler, chooseStyle, choosePreset
    case savePreset, chooseTheme
    case lockSeed, recallSeed, incrementSeed
    case parameterUp, parameterDown, parameterLess, parameterMore, editParameter, resetParameter
    case parameterPageUp, parameterPageDown, parameterTop, parameterBottom, findParameter
    // Several pictures at once.
    case startSweep, sendToBackends, showSheet, adoptCell, openCell, runCells, stopCells
    case reroll, recoverDraft
    // Pictures.
    case nextPicture, previousPicture, zoomIn, zoomOut, zoomFit, zoomActual
    case panLeft, panRight, panUp, panDown, nudgeLeft, nudgeRight, nudgeUp, nudgeDown, toggleGrid
    case markPicture, markOther, flipMarked, showDifference, strongerDifference, weakerDifference
    case clearMarks
    case saveCopy, copyCommand, openFolder
    // History.
    case historyUp, historyDown, historyPageUp, historyPageDown, historyTop, historyBottom
    case restoreAll, restoreExceptSeed, restoreSeed, restorePrompt, chooseRestore
    case runAgain, showDetails
    case search, chooseFilter, chooseSession, toggleTree, fold, unfold, toggleThumbnails
    case pickEntry, pickAll, replayEntries, replaySession
    case toggleStar, editNote, editTags, deleteEntry, undeleteEntry
    // Queue.
    case queueUp, queueDown, moveJobUp, moveJobDown, removeJob, editJob, togglePause
}
