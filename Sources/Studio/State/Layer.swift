import Generation

/// What lies over the panes; the last one of the stack gets the keys.
public enum Layer: Hashable, Sendable {
    /// What a picker chooses.
    public enum Choice: Hashable, Sendable {
        case action
        case parameter(ParameterID)
        case preset
        /// The name of the theme that comes back when none is chosen.
        case theme(before: String)
    }

    /// What a question is about.
    public enum Question: Hashable, Sendable {
        case quit
        case deleteEntry(String)
    }

    /// What a line of text is for.
    public enum Purpose: Hashable, Sendable {
        case search
        case note(entry: String)
        case tags(entry: String)
        case saveCopy(ImageReference)
        case savePreset
    }

    /// All keys, scrolled down by some lines.
    case help(scroll: Int)
    /// All about a history entry, scrolled down by some lines.
    case details(entry: String, scroll: Int)
    case picker(Picker, Choice)
    case question(Question, text: String, yes: String, no: String)
    case input(LineEditor, Purpose, title: String)
}
