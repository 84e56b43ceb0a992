import Foundation
import Generation
import Screen

/// Everything that the studio shows: a value that only ``update(_:_:)`` changes.
public struct AppState: Hashable, Sendable {
    /// The terminal in cells.
    public var size = Size.zero
    /// A cell in pixels; nil while unknown.
    public var cellPixels: Size?
    /// Whether pictures can be shown at all.
    public var showsPictures = true
    /// Picture pixels that a cell shows where that is not ``cellPixels``: pictures made of text.
    public var textPixels: Size?
    /// What stands under pictures that the terminal may not show; they cover it where it does.
    public var pictureNotice: String?
    /// Whether the history shows small pictures beside its entries.
    public var showsThumbnails = true
    /// Small pictures of history entries; nil: there is none to show.
    public var thumbnails: [String: ImageReference?] = [:]
    public var focus = Pane.prompt
    /// Which of preview, history and queue is seen where there is room for one of them.
    public var sidePane = Pane.preview
    /// Whether the focused pane fills the screen.
    public var isZoomed = false
    public var prompt: PromptField
    public var negative: PromptField
    public var parameters: ParameterState
    public var backends: [Backend]
    /// What is left to spend at backends that say so, in their own units.
    public var credits: [String: Double] = [:]
    public var queue = JobQueue()
    /// The waiting or running job that the queue pane points at.
    public var queueSelection = 0
    public var preview = Preview()
    public var history = HistoryList()
    public var layers: [Layer] = []
    /// The popup under the cursor of an editor.
    public var completion: Completion?
    /// Whether names were asked for that are still being read.
    var awaitsNames = false
    public var library = Library()
    /// The folder that was read last for completing a path.
    public var folder: FolderListing?
    /// What is wrong with the files that the parameters name.
    public var fileProblems: [FileProblem] = []
    /// The pictures that the selected parameter names.
    public var inputs = InputPictures()
    public var look: Look
    public var keymap: Keymap
    public var status: StatusMessage?
    public var speed = Speed()
    /// Where dates are read.
    public var timeZone = TimeZone.gmt
    /// Seconds of a clock that only goes forward, as of the last event that told.
    public var now = 0.0
    /// The seeds of the last run that finished or began.
    public var lastSeeds: [UInt64] = []
    /// Entries whose small pictures were asked for last.
    var askedThumbnails: [String] = []
    /// The history entry that the current fields come from.
    public var parent: String?
    /// What was restored with the choices that were drawn for it: they hold as long as text and
    /// seeds are the same.
    var recorded: GenerationRequest?
    /// The last comparison of a history entry that was made.
    public var comparison: EntryComparison?
    /// The labelled grid of the last sweep or comparison of backends.
    public var sheet: Sheet?
    /// The axes that were typed last.
    var sweepText = ""
    /// What the axes under the cursor would make; nil while that is found out.
    var sweepOutline: SweepOutline?
    /// The backends to which a request was sent last.
    var comparedBackends: Set<String> = []
    /// Whether a backend was chosen that has not yet said what it can honour.
    var isSwitchingBackend = false
    /// What running history entries again has given.
    public var replays: [String: EntryReplay] = [:]
    /// Set when the runtime should end.
    public var isEnding = false

    /// A studio with some backends, the first of which is chosen.
    public init(
        backends: [Backend], prompt: String = "", look: Look = Look(), keymap: Keymap = Keymap()
    ) {
        self.backends = backends
        self.prompt = PromptField(prompt)
        negative = PromptField()
        var request = GenerationRequest(prompt: "")
        request.backend = backends.first?.id ?? request.backend
        parameters = ParameterState(request: request)
        self.look = look
        self.keymap = keymap
    }

    /// The backend of the next run.
    public var backend: Backend? {
        backends.first { $0.id == parameters.request.backend }
    }

    /// The request that Enter sends off; its seeds are empty while they are random.
    public var request: GenerationRequest {
        var request = parameters.request
        request.prompt = prompt.editor.text
        request.expansion = nil
        request.negativePrompt = negative.editor.isEmpty ? nil : negative.editor.text
        request.seeds =
            parameters.seed.mode == .random ? [] : parameters.seed.seeds(count: parameters.count)
        if let recorded, recorded.hasSameText(as: request) { request.takeDraws(of: recorded) }
        return request
    }

    /// ``request`` with the backend's defaults in its gaps, as far as they are known.
    public var filledRequest: GenerationRequest {
        // In one expression, this crashes the optimiser of Swift 6.3.1.
        let asked = request
        guard let defaults = backend?.defaults else { return asked }
        return asked.filled(from: defaults)
    }

    /// Seconds that ``request`` will take by what was measured; nil: unknown.
    public var estimatedSeconds: Double? {
        speed.estimate(filledRequest, count: parameters.count)
    }

    /// Picture pixels that a cell shows.
    public var pictureCell: Size { textPixels ?? cellPixels ?? Size(width: 10, height: 20) }

    /// The text editor that has the focus.
    public var focusedEditor: TextEditor? {
        switch focus {
        case .prompt: prompt.editor
        case .negative: negative.editor
        default: nil
        }
    }

    /// Whether the clock has to tick for what is shown.
    public var needsClock: Bool { !queue.running.isEmpty }
}
