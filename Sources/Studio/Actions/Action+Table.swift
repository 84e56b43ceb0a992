extension Action {
    /// All actions, in the order in which help and palette show them.
    public static let all: [Action] =
        studio + text + motions + settings + several + pictures + comparing + history + entries
        + queue

    /// The action of a name.
    public static func named(_ id: ActionID) -> Action? { byID[id] }

    private static let byID = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }

    private static let studio = [
        Action(
            .generate, "Generate", "Queue the prompt with the current parameters.",
            [.editor: ["Enter"], .everywhere: ["Ctrl-G", "F5"], .preview: ["Enter"]]),
        Action(
            .cancel, "Cancel", "Stop the running job; the part that is done is kept.",
            [.everywhere: ["Ctrl-C"], .command: ["x"]]),
        Action(
            .quit, "Quit", "Leave; asks while work is under way.",
            [.everywhere: ["Ctrl-Q"], .command: ["q"]]),
        Action(.help, "Help", "Show all keys.", [.everywhere: ["F1"], .command: ["?"]]),
        Action(
            .palette, "Commands", "Search all commands by name.",
            [.everywhere: ["Ctrl-P"], .command: [":"]]),
        Action(
            .suspend, "Suspend", "Go back to the shell; `fg` returns.", [.everywhere: ["Ctrl-Z"]]),
        Action(
            .redraw, "Redraw", "Paint the screen and its pictures again.", [.everywhere: ["Ctrl-L"]]
        ),
        Action(.nextPane, "Next pane", "Move the focus on.", [.everywhere: ["Tab"]]),
        Action(
            .previousPane, "Previous pane", "Move the focus back.", [.everywhere: ["Shift-Tab"]]),
        Action(
            .toggleZoom, "Zoom pane", "Let the focused pane fill the screen, or give it back.",
            [.everywhere: ["F6", "Alt-Z"], .command: ["z"]]),
        Action(
            .focusPrompt, "Go to prompt", "Edit the prompt.",
            [.everywhere: ["Alt-1"], .command: ["1", "Esc"]]),
        Action(
            .focusNegative, "Go to negative", "Edit what the picture must not show.",
            [.everywhere: ["Alt-2"], .command: ["2"]]),
        Action(
            .focusParameters, "Go to parameters", "Change size, steps, seed and the rest.",
            [.everywhere: ["Alt-3"], .command: ["3"]]),
        Action(
            .focusPreview, "Go to preview", "Look at the picture.",
            [.everywhere: ["Alt-4"], .command: ["4"], .editor: ["Esc"]]),
        Action(
            .focusHistory, "Go to history", "Browse earlier runs.",
            [.everywhere: ["Alt-5"], .command: ["5"]]),
        Action(
            .focusQueue, "Go to queue", "See what waits.",
            [.everywhere: ["Alt-6"], .command: ["6"]]),
    ]

    private static let text = [
        Action(
            .newLine, "Insert line", "Begin a new line in the prompt.",
            [.editor: ["Ctrl-J", "Alt-Enter"]]),
        Action(
            .undo, "Undo", "Take the last change of the text back.", [.editor: ["Ctrl-_", "Alt-u"]]),
        Action(.redo, "Redo", "Make it again.", [.editor: ["Alt-_", "Alt-r"]]),
        Action(
            .openEditor, "Edit in $EDITOR", "Open the text in your own editor.",
            [.editor: ["Alt-e", "F4"]]),
        Action(
            .complete, "Complete", "List the LoRAs, embeddings, styles and wildcards that fit.",
            [.editor: ["Alt-/"]]),
        Action(
            .weightUp, "Raise weight", "Give the word or selection more weight.",
            [.editor: ["Ctrl-Up", "Alt-+", "Alt-="]]),
        Action(
            .weightDown, "Lower weight", "Give the word or selection less weight.",
            [.editor: ["Ctrl-Down", "Alt--"]]),
        Action(.selectAll, "Select all", "Select the whole text.", [.editor: ["Alt-a"]]),
        Action(.cut, "Cut", "Delete the selection and keep it for Ctrl-Y.", [.editor: ["Ctrl-X"]]),
        Action(.copy, "Copy", "Keep the selection for Ctrl-Y.", [.editor: ["Alt-w"]]),
        Action(.yank, "Paste", "Insert what was cut or killed last.", [.editor: ["Ctrl-Y"]]),
        Action(
            .transpose, "Swap letters", "Exchange the letters around the cursor.",
            [.editor: ["Ctrl-T"]]),
    ]

    private static func motion(_ id: ActionID, _ title: String, _ help: String, _ keys: [String])
        -> Action
    {
        Action(id, title, help, [.editor: keys], isInPalette: false)
    }

    private static let motions = [
        motion(.moveLeft, "Left", "One character back.", ["Left", "Ctrl-B"]),
        motion(.moveRight, "Right", "One character on.", ["Right", "Ctrl-F"]),
        motion(.moveUp, "Up", "One line up; on the first line the previous prompt.", ["Up"]),
        motion(
            .moveDown, "Down", "One line down; on the last line the next prompt.",
            ["Down", "Ctrl-N"]),
        motion(
            .moveWordLeft, "Word left", "To the beginning of the word.",
            ["Ctrl-Left", "Alt-Left", "Alt-b"]),
        motion(
            .moveWordRight, "Word right", "To the end of the word.",
            ["Ctrl-Right", "Alt-Right", "Alt-f"]),
        motion(.moveLineStart, "Line start", "To the beginning of the line.", ["Home", "Ctrl-A"]),
        motion(.moveLineEnd, "Line end", "To the end of the line.", ["End", "Ctrl-E"]),
        motion(
            .moveTextStart, "Text start", "To the beginning of the text.",
            ["Ctrl-Home", "PageUp", "Alt-<"]),
        motion(
            .moveTextEnd, "Text end", "To the end of the text.", ["Ctrl-End", "PageDown", "Alt->"]),
        motion(.selectLeft, "Select left", "Extend the selection by a character.", ["Shift-Left"]),
        motion(
            .selectRight, "Select right", "Extend the selection by a character.", ["Shift-Right"]),
        motion(.selectUp, "Select up", "Extend the selection by a line.", ["Shift-Up"]),
        motion(.selectDown, "Select down", "Extend the selection by a line.", ["Shift-Down"]),
        motion(
            .selectWordLeft, "Select word left", "Extend the selection by a word.",
            ["Ctrl-Shift-Left", "Alt-B"]),
        motion(
            .selectWordRight, "Select word right", "Extend the selection by a word.",
            ["Ctrl-Shift-Right", "Alt-F"]),
        motion(
            .selectLineStart, "Select to line start",
            "Extend the selection to the line's beginning.", ["Shift-Home"]),
        motion(
            .selectLineEnd, "Select to line end", "Extend the selection to the line's end.",
            ["Shift-End"]),
        motion(
            .deleteLeft, "Delete left", "Delete the character before the cursor.", ["Backspace"]),
        motion(
            .deleteRight, "Delete right", "Delete the character under the cursor.",
            ["Delete", "Ctrl-D"]),
        motion(
            .deleteWordLeft, "Delete word left", "Delete to the word's beginning.",
            ["Ctrl-W", "Alt-Backspace"]),
        motion(.deleteWordRight, "Delete word right", "Delete to the word's end.", ["Alt-d"]),
        motion(
            .killLineStart, "Delete to line start", "Delete what stands before the cursor.",
            ["Ctrl-U"]),
        motion(
            .killLineEnd, "Delete to line end", "Delete what stands behind the cursor.", ["Ctrl-K"]),
    ]

    private static let settings = [
        Action(
            .choosePreset, "Choose preset", "Set several parameters at once.",
            [.everywhere: ["F8"], .command: ["p"]]),
        Action(
            .savePreset, "Save as preset", "Keep the current parameters under a name.",
            [.everywhere: ["Alt-k"], .parameters: ["w"]]),
        Action(
            .chooseStyle, "Choose style", "Put a style's words around the prompt.",
            [.everywhere: ["F7"], .command: ["y"]]),
        Action(
            .chooseSize, "Choose size", "Pick a size that suits the model.", [.everywhere: ["F2"]]),
        Action(.chooseSampler, "Choose sampler", "Pick the solver.", [.everywhere: ["F3"]]),
        Action(
            .chooseBackend, "Choose backend", "Pick where pictures are made.",
            [.everywhere: ["F10"], .command: ["b"]]),
        Action(
            .chooseModel, "Choose model", "Pick the model.",
            [.everywhere: ["F11"], .command: ["m"]]),
        Action(
            .chooseTheme, "Choose theme", "Change the colours.",
            [.everywhere: ["F9"], .command: ["t"]]),
        Action(
            .lockSeed, "Lock seed", "Keep the last seed, or draw a new one for each run.",
            [.everywhere: ["Alt-s"], .command: ["s"]]),
        Action(
            .recallSeed, "Recall seed", "Use the seed of the last run again.",
            [.everywhere: ["Alt-l"], .command: ["l"]]),
        Action(
            .incrementSeed, "Count seed up", "Raise the seed by one after each run.",
            [.everywhere: ["Alt-i"]]),
        Action(
            .parameterUp, "Line up", "Select the line above.", [.parameters: ["Up", "k"]],
            isInPalette: false),
        Action(
            .parameterDown, "Line down", "Select the line below.", [.parameters: ["Down", "j"]],
            isInPalette: false),
        Action(
            .parameterPageUp, "Page up", "Ten lines up.", [.parameters: ["PageUp"]],
            isInPalette: false),
        Action(
            .parameterPageDown, "Page down", "Ten lines down.", [.parameters: ["PageDown"]],
            isInPalette: false),
        Action(
            .parameterTop, "First line", "Select the first line.", [.parameters: ["Home"]],
            isInPalette: false),
        Action(
            .parameterBottom, "Last line", "Select the last line.", [.parameters: ["End"]],
            isInPalette: false),
        Action(
            .findParameter, "Find parameter", "Search the parameters by name and purpose.",
            [.everywhere: ["Alt-v"], .parameters: ["/"]]),
        Action(
            .parameterLess, "Less", "Lower the value, or take the previous one.",
            [.parameters: ["Left", "h"]], isInPalette: false),
        Action(
            .parameterMore, "More", "Raise the value, or take the next one.",
            [.parameters: ["Right"]], isInPalette: false),
        Action(
            .editParameter, "Edit value", "Type a value or choose from the list.",
            [.parameters: ["Enter", "e"]], isInPalette: false),
        Action(
            .resetParameter, "Default", "Back to the backend's default.",
            [.parameters: ["Backspace", "Delete"]], isInPalette: false),
    ]

    private static let queue = [
        Action(
            .queueUp, "Job above", "Select the job above.", [.queue: ["Up", "k"]],
            isInPalette: false),
        Action(
            .queueDown, "Job below", "Select the job below.", [.queue: ["Down", "j"]],
            isInPalette: false),
        Action(
            .moveJobUp, "Run earlier", "Move the selected job towards the front.",
            [.queue: ["K", "Shift-Up", "Alt-Up"]]),
        Action(
            .moveJobDown, "Run later", "Move the selected job towards the end.",
            [.queue: ["J", "Shift-Down", "Alt-Down"]]),
        Action(
            .removeJob, "Remove job", "Take the selected job out, or stop it.",
            [.queue: ["d", "Delete", "x"]]),
        Action(
            .editJob, "Edit job", "Take the selected waiting job back into the editors.",
            [.queue: ["e", "Enter"]]),
        Action(
            .togglePause, "Pause queue", "Hold waiting jobs back, or let them go on.",
            [.everywhere: ["Alt-p"], .queue: ["Space"]]),
    ]
}
