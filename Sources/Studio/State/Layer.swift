import Generation

/// What lies over the panes; the last one of the stack gets the keys.
public enum Layer: Hashable, Sendable {
    /// What a picker chooses.
    public enum Choice: Hashable, Sendable {
        case action
        case parameter(ParameterID)
        /// Which parameter is selected.
        case findParameter
        case preset
        /// Which entries the history shows.
        case filter([HistoryFilter])
        case session
        /// To which backends a request goes.
        case backends
        /// A draft that another studio left.
        case draft
        /// Which draw of an entry's prompt is made again.
        case draw(entry: String)
        /// The name of the theme that comes back when none is chosen.
        case theme(before: String)
    }

    /// What a question is about.
    public enum Question: Hashable, Sendable {
        case quit
        case deleteEntries(Set<String>)
        /// Run entries again, and compare.
        case replay([String])
        /// Write a picture over a file that exists.
        case replaceFile(PictureOrigin, String)
        /// Write the labelled grid over a file that exists.
        case replaceSheet(String)
        /// Save the parameters under a name that a preset has.
        case replacePreset(String)
    }

    /// What a line of text is for.
    public enum Purpose: Hashable, Sendable {
        case search
        case note(entry: String)
        case tags(entries: [String])
        case saveCopy(PictureOrigin)
        case savePreset
        /// The file of the labelled grid.
        case saveSheet
        /// The axes of a sweep.
        case sweep
    }

    /// All keys, scrolled down by some lines.
    case help(scroll: Int)
    /// All about a history entry, scrolled down by some lines.
    case details(entry: String, scroll: Int)
    case picker(Picker, Choice)
    case question(Question, text: String, yes: String, no: String)
    case input(LineEditor, Purpose, title: String)
}
