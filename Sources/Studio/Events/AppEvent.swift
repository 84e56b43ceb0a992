import Generation
import Screen

/// Everything that can happen to the studio.
public enum AppEvent: Hashable, Sendable {
    /// Keys, mouse, resizes. `at` is a clock in seconds that only goes forward.
    case terminal(TerminalEvent)
    /// A backend told what it can do, or why it cannot.
    case backend(String, Backend.Knowledge)
    /// The words that a backend's chosen model knows; nil where any text means something.
    case vocabulary(String, Set<String>?)
    /// A running job reports.
    case job(Job.ID, JobReport, at: Double)
    /// The journal was read.
    case history([HistoryEntry])
    /// Somebody else wrote into the journal: entries that are new or changed, names of those gone.
    case journalChanged([HistoryEntry], gone: [String])
    /// A picture of a history entry cannot be read.
    case pictureLost(entry: String, index: Int)
    /// A small picture of an entry; nil: there is none.
    case thumbnail(entry: String, ImageReference?)
    /// Two pictures were compared.
    case difference(PictureDifference)
    /// A file stands where a copy should be saved.
    case fileExists(PictureOrigin, String)
    /// A file stands where the grid should be saved.
    case sheetExists(String)
    /// Jobs whose program had gone were found and marked as interrupted.
    case interrupted(Int)
    /// The entry of a job was written.
    case entry(HistoryEntry, of: Job.ID)
    /// All of an entry was read for an action.
    case opened(HistoryEntry, ActionID)
    /// An entry was compared with the one it was made from.
    case compared(EntryComparison)
    /// Tokens of a prompt were counted; `revision` is that of the editor then.
    case tokens(Pane, revision: Int, PromptField.Tokens)
    /// A picture of a history entry was read from its file.
    case picture(entry: String, index: Int, ImageReference)
    /// The user's editor ended with this text.
    case edited(Pane, String)
    /// Styles, presets and themes are known.
    case library(Library)
    /// A folder was read for completing a path.
    case folder(FolderListing)
    /// What is wrong with the files that a request names, one sentence each; empty: nothing.
    case filesChecked(GenerationRequest, [FileProblem])
    /// A picture that a parameter names was read, or could not be.
    case inputPicture(InputPicture, InputPictureContent)
    /// A theme was read.
    case look(Look)
    /// The parameters with a preset's values.
    case preset(String, GenerationRequest)
    /// What axes that are being typed would make.
    case sweepPlanned(SweepOutline)
    /// A grid is to be filled; the seed is for cells that need one.
    case sheet(Sheet, seed: UInt64)
    /// The picture of a cell's entry was read.
    case cellPicture(Int, entry: String, ImageReference)
    /// Results of earlier runs that services still have.
    case left([LeftJob])
    /// Drafts of studios that do not run any more.
    case leftDrafts([LeftDraft])
    /// One of them.
    case draft(Draft)
    /// A request whose prompt was drawn again in one place.
    case rerolled(GenerationRequest, parent: String)
    /// Something to tell.
    case message(StatusMessage)
    /// A second has passed while a job runs.
    case tick(at: Double)
}
