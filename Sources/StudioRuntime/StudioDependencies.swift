import Foundation
import Generation
import Hashing
import Screen
import Studio

/// Everything outside of the studio that it works with.
public struct StudioDependencies: Sendable {
    /// The screen and the keyboard.
    public var terminal: any TerminalDevice
    /// Backends in the order in which they are offered; the first is chosen at the first start.
    public var generators: [any ImageGenerator]
    /// A backend at another address than its own, for results that were left there; nil where there
    /// is no such backend.
    public var elsewhere: @Sendable (_ backend: String, _ server: String) -> (any ImageGenerator)? =
        { _, _ in nil }
    /// Where runs are written down.
    public var journal: any StudioJournal
    /// Where drafts survive.
    public var drafts: any DraftStore
    /// Styles, presets, themes.
    public var library: any StudioLibrary
    /// Counts tokens; nil: no counts are shown.
    public var tokens: (any TokenCounter)?
    /// Makes pictures ready for the terminal.
    public var pictures: PictureEncoder
    /// Names of models by backend.
    public var models: [String: [String]] = [:]
    /// Jobs that a backend runs side by side, by its name; 1 where it is absent.
    public var parallelJobs: [String: Int] = [:]
    /// The words that the model of a request knows, where it knows few; nil: any text is fine.
    public var vocabulary: @Sendable (GenerationRequest) -> Set<String>? = { _ in nil }
    /// What the prompt holds at the very first start.
    public var firstPrompt = ""
    /// The backend that is chosen at the first start; nil: the first one.
    public var defaultBackend: String?
    /// The theme that is used until another one is chosen.
    public var theme: String?
    /// The saved session that the history is limited to, for its title; nil: all.
    public var session: String?
    /// What is to be said at the start; nil: nothing.
    public var notice: String?
    /// What stands where a picture should be, for terminals that may show none; nil: nothing.
    public var pictureNotice: String?
    /// Keys that differ from the defaults.
    public var keymap = Keymap()
    /// The command of the user's editor; the file's name is appended.
    public var editor = "vi"
    /// Where copies of pictures go that are saved under a relative name.
    public var workingFolder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    /// Identifies program and machine, for comparing with what was recorded; nil: unknown.
    public var engine: @Sendable () -> EngineIdentity? = { nil }
    /// The files that take part in a request, by content.
    public var files: @Sendable (GenerationRequest) async throws -> [FileIdentity] = { _ in [] }
    /// What is wrong with the files that a request names; throws what the run would throw.
    public var checkFiles: @Sendable (GenerationRequest) async throws -> Void = { _ in }
    /// Shows a folder on the user's screen; false where nothing can.
    public var openFolder: @Sendable (URL) -> Bool = { _ in false }
    /// Where dates are read.
    public var timeZone = TimeZone.current
    /// A clock in seconds that only goes forward.
    public var now: @Sendable () -> Double = { Self.clock() }
    /// Draws a seed.
    public var drawSeed: @Sendable () -> UInt64 = { UInt64.random(in: 0...UInt64(UInt32.max)) }

    /// Seconds since the first question.
    static func clock() -> Double {
        let time = ContinuousClock().now - start
        return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    }

    private static let start = ContinuousClock().now

    /// The parts that have no default.
    public init(
        terminal: any TerminalDevice, generators: [any ImageGenerator],
        journal: any StudioJournal, drafts: any DraftStore, library: any StudioLibrary,
        pictures: PictureEncoder
    ) {
        self.terminal = terminal
        self.generators = generators
        self.journal = journal
        self.drafts = drafts
        self.library = library
        self.pictures = pictures
    }
}
