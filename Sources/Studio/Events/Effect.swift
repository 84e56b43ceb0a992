import Generation

/// What the studio wants done outside of itself: data, carried out by the runtime.
public enum Effect: Hashable, Sendable {
    /// Ask a backend what it can do with the model that the request names.
    case describeBackend(GenerationRequest)
    case start(Job, parent: String?)
    case stop(Job.ID)
    /// Save ``AppState/draft`` soon.
    case saveDraft
    /// Save ``AppState/sheet``.
    case saveSheet
    /// List the drafts of studios that do not run any more.
    case listDrafts
    case takeDraft(String)
    /// Read the axes of a sweep over a request, and begin with it when that is wished.
    case planSweep(String, GenerationRequest, begins: Bool)
    /// Draw the seed that the cells of a grid share.
    case drawSeed(Sheet)
    /// Read the picture of a cell's entry, at most `side` pixels long.
    case loadCell(Int, entry: String, side: Int)
    /// Make one draw of a request's prompt again, the first being 1.
    case reroll(GenerationRequest, draw: Int, parent: String)
    case loadHistory
    /// Star, tags or note of an entry have changed.
    case annotate(HistoryEntry)
    case delete(String)
    case undelete(HistoryEntry)
    /// Make small pictures of entries; what an earlier effect of this kind asked for and is not
    /// done is no longer wanted.
    case loadThumbnails([String])
    /// Compare two pictures pixel by pixel; differences are shown `gain` times as strong, or
    /// as strong as suits them.
    case difference(ImageReference, ImageReference, gain: Int?)
    /// Pixels that have to be kept until the next effect of this kind.
    case keepPictures([String])
    /// Show the folder of a picture, or put its path on the clipboard.
    case openFolder(entry: String, index: Int)
    /// Read all of an entry, then carry the action out.
    case open(entry: String, ActionID)
    /// Compare an entry with the one it was made from.
    case compare(entry: String, parent: String)
    /// Read a picture of an entry.
    case load(entry: String, index: Int, HistoryEntry.Picture)
    /// Count the tokens of an editor's text soon.
    case countTokens(Pane)
    case openEditor(Pane, String)
    /// Read the names of styles, LoRAs, wildcards and the rest again.
    case loadLibrary
    /// Read a folder for completing a path: as it was typed, with its slash; empty: the working
    /// folder.
    case listFolder(String)
    /// Find out, before any work, what is wrong with the files that a request names.
    case checkFiles(GenerationRequest)
    /// Read pictures that the selected parameter names.
    case showInputs([InputPicture])
    case loadTheme(String)
    case loadPreset(String, GenerationRequest, RequestDefaults)
    /// Keep the parameters of a request as a preset of the user's.
    case savePreset(String, GenerationRequest)
    /// Put a text on the clipboard through the terminal.
    case copy(String)
    /// Write a picture to a file, over an existing one only when that is wished.
    case saveCopy(PictureOrigin, String, replaces: Bool)
    /// Write a grid with its labels to a file, over an existing one only when that is wished.
    case exportSheet(Sheet, String, replaces: Bool)
    case redraw
    case suspend
    /// End; running jobs are stopped first.
    case quit
}
