extension Action {
    static let several = [
        Action(
            .startSweep, "Sweep",
            "Vary up to three fields and see the pictures as a labelled grid.",
            [.everywhere: ["Alt-x"]]),
        Action(
            .sendToBackends, "Send to several backends",
            "Run the same request at several backends and compare the pictures.",
            [.everywhere: ["Alt-m"]]),
        Action(
            .showSheet, "Show grid",
            "Show the grid of the last sweep or comparison, or the selected cell alone.",
            [.everywhere: ["Alt-g"], .preview: ["G"]]),
        Action(
            .adoptCell, "Adopt cell", "Take the fields of the selected cell.",
            [.cells: ["Enter", "e"]]),
        Action(
            .openCell, "Look at cell", "Show the picture of the selected cell alone.",
            [.cells: ["Space", "f"]]),
        Action(
            .runCells, "Run missing cells", "Queue the cells that have no picture.",
            [.cells: ["R"]]),
        Action(
            .stopCells, "Stop grid", "Take the waiting cells out of the queue and stop the rest.",
            [.cells: ["X"]]),
        Action(
            .reroll, "Draw again", "Draw one choice of the run's prompt again; the rest stays.",
            [.everywhere: ["Alt-n"], .preview: ["r"]]),
        Action(
            .recoverDraft, "Recover draft",
            "Take over what another studio of this home has left.", [.everywhere: ["Alt-o"]]),
    ]
}
