import Generation

/// What the studio wants done outside of itself: data, carried out by the runtime.
public enum Effect: Hashable, Sendable {
    /// Ask a backend what it can do with the model that the request names.
    case describeBackend(GenerationRequest)
    case start(Job, parent: String?)
    case stop(Job.ID)
    /// Save ``AppState/draft`` soon.
    case saveDraft
    case loadHistory
    /// Star, tags or note of an entry have changed.
    case annotate(HistoryEntry)
    case delete(String)
    case undelete(HistoryEntry)
    /// Read all of an entry, then carry the action out.
    case open(entry: String, ActionID)
    /// Compare an entry with the one it was made from.
    case compare(entry: String, parent: String)
    /// Read a picture of an entry.
    case load(entry: String, index: Int, HistoryEntry.Picture)
    /// Count the tokens of an editor's text soon.
    case countTokens(Pane)
    case openEditor(Pane, String)
    case loadTheme(String)
    case loadPreset(String, GenerationRequest, RequestDefaults)
    /// Keep the parameters of a request as a preset of the user's.
    case savePreset(String, GenerationRequest)
    /// Put a text on the clipboard through the terminal.
    case copy(String)
    case saveCopy(ImageReference, String)
    case redraw
    case suspend
    /// End; running jobs are stopped first.
    case quit
}
