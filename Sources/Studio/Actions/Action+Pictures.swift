extension Action {
    static let pictures = [
        Action(
            .nextPicture, "Next picture", "Show the next picture of the run.",
            [.preview: ["n", "Space"]]),
        Action(
            .previousPicture, "Previous picture", "Show the previous picture of the run.",
            [.preview: ["N", "Backspace"]]),
        Action(
            .toggleGrid, "Grid", "Show all pictures of the run side by side.", [.preview: ["g"]]),
        Action(.zoomIn, "Zoom in", "Show the picture larger.", [.preview: ["+", "="]]),
        Action(.zoomOut, "Zoom out", "Show the picture smaller.", [.preview: ["-"]]),
        Action(.zoomFit, "Fit", "Show all of the picture.", [.preview: ["0", "f"]]),
        Action(
            .zoomActual, "Actual size", "One pixel of the screen per pixel of the picture.",
            [.preview: ["o"]]),
        Action(
            .panLeft, "Pan left", "Show what lies further left.", [.preview: ["Left", "h"]],
            isInPalette: false),
        Action(
            .panRight, "Pan right", "Show what lies further right.", [.preview: ["Right"]],
            isInPalette: false),
        Action(
            .panUp, "Pan up", "Show what lies further up.", [.preview: ["Up", "k"]],
            isInPalette: false),
        Action(
            .panDown, "Pan down", "Show what lies further down.", [.preview: ["Down", "j"]],
            isInPalette: false),
        Action(
            .nudgeLeft, "Pixel left", "Show one more pixel at the left.",
            [.preview: ["H", "Shift-Left"]], isInPalette: false),
        Action(
            .nudgeRight, "Pixel right", "Show one more pixel at the right.",
            [.preview: ["L", "Shift-Right"]], isInPalette: false),
        Action(
            .nudgeUp, "Pixel up", "Show one more pixel above.",
            [.preview: ["K", "Shift-Up"]], isInPalette: false),
        Action(
            .nudgeDown, "Pixel down", "Show one more pixel below.",
            [.preview: ["J", "Shift-Down"]], isInPalette: false),
        Action(
            .saveCopy, "Save a copy", "Save the picture or grid under another name.",
            [.preview: ["w"], .everywhere: ["Alt-c"]]),
        Action(
            .copyCommand, "Copy command", "Copy the command line that makes this picture.",
            [.preview: ["c"], .history: ["c"]]),
        Action(
            .openFolder, "Open folder",
            "Show the picture's folder; where nothing can, copy the file's path.",
            [.preview: ["O"], .history: ["O"]]),
    ]

    static let comparing = [
        Action(
            .markPicture, "Mark A", "Keep this picture as A, to compare others with it.",
            [.preview: ["a"], .history: ["A"]]),
        Action(
            .markOther, "Mark B",
            "Keep this picture as B; without it A is compared with the current one.",
            [.preview: ["b"], .history: ["B"]]),
        Action(
            .flipMarked, "Flip A/B", "Show A and B in turn in the same place.",
            [.preview: ["v"], .history: ["v"]]),
        Action(
            .showDifference, "Difference", "Show where A and B differ, and by how much.",
            [.preview: ["d"], .history: ["D"]]),
        Action(
            .strongerDifference, "Stronger difference", "Show differences twice as strong.",
            [.preview: ["]"]]),
        Action(
            .weakerDifference, "Weaker difference", "Show differences half as strong.",
            [.preview: ["["]]),
        Action(
            .clearMarks, "Forget A and B", "Show the picture of the run again.",
            [.preview: ["u"]]),
    ]

    static let history = [
        Action(
            .historyUp, "Newer", "Select the entry above.", [.history: ["Up", "k"]],
            isInPalette: false),
        Action(
            .historyDown, "Older", "Select the entry below.", [.history: ["Down", "j"]],
            isInPalette: false),
        Action(
            .historyPageUp, "Page up", "Ten entries up.", [.history: ["PageUp"]], isInPalette: false
        ),
        Action(
            .historyPageDown, "Page down", "Ten entries down.", [.history: ["PageDown"]],
            isInPalette: false),
        Action(
            .historyTop, "Newest", "Select the newest entry.", [.history: ["Home"]],
            isInPalette: false),
        Action(
            .historyBottom, "Oldest", "Select the oldest entry.", [.history: ["End"]],
            isInPalette: false),
        Action(
            .restoreAll, "Restore", "Take prompt, parameters and seed of the entry.",
            [.history: ["Enter"]]),
        Action(
            .chooseRestore, "Restore part",
            "Choose what to take of the entry: all, all but the seed, the seed, the prompts.",
            [.history: ["e"]]),
        Action(
            .restoreExceptSeed, "Restore without seed", "Take everything but the seed.",
            [.history: ["r"]]),
        Action(.restoreSeed, "Restore seed", "Take only the seed.", [.history: ["S"]]),
        Action(.restorePrompt, "Restore prompt", "Take only the two prompts.", [.history: ["P"]]),
        Action(
            .runAgain, "Run again", "Queue the entry as it ran, with the same seeds.",
            [.history: ["a"]]),
        Action(
            .showDetails, "Details", "Show the entry's fields and what it changed.",
            [.history: ["i"]]),
        Action(
            .search, "Search history", "Show only entries that contain some words.",
            [.history: ["/"], .everywhere: ["Ctrl-R"]]),
        Action(
            .chooseFilter, "Filter history", "Show only entries of a kind, tag, backend or family.",
            [.history: ["f"]]),
        Action(
            .chooseSession, "Open session", "Show only entries of one session.",
            [.history: ["o"]]),
        Action(
            .toggleTree, "Tree", "Show entries below those that they were made from, or as a list.",
            [.history: ["t"]]),
        Action(
            .fold, "Fold", "Hide what was made from the entry; then go to its parent.",
            [.history: ["Left", "h"]], isInPalette: false),
        Action(
            .unfold, "Unfold", "Show what was made from the entry.", [.history: ["Right"]],
            isInPalette: false),
        Action(
            .toggleThumbnails, "Thumbnails", "Show or hide small pictures in the history.",
            [.history: ["T"]]),
    ]

    static let entries = [
        Action(
            .pickEntry, "Pick entry", "Pick the entry for an action on several, or drop it.",
            [.history: ["Space"]]),
        Action(
            .pickAll, "Pick all", "Pick all entries that are shown, or none.",
            [.history: ["Ctrl-A"]]),
        Action(
            .replayEntries, "Replay and compare",
            "Run the picked entries again and tell whether the pictures come out the same.",
            [.history: ["R"]]),
        Action(
            .replaySession, "Replay session", "Run all of the entry's session again, and compare.",
            [.history: ["W"]]),
        Action(
            .toggleStar, "Star", "Mark the entry as a good one.",
            [.history: ["*"], .preview: ["*"]]),
        Action(.editNote, "Note", "Write a note to the entry.", [.history: ["n"]]),
        Action(.editTags, "Tags", "Give the entry tags.", [.history: ["#"]]),
        Action(
            .deleteEntry, "Delete entry", "Take the entry out of the history.",
            [.history: ["d", "Delete"]]),
        Action(
            .undeleteEntry, "Undo delete", "Bring the last deleted entry back.", [.history: ["u"]]),
    ]
}
