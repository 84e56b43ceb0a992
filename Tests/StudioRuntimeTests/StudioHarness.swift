import Foundation
import Generation
import Screen
import Studio
import Synchronization
import Terminal

@testable import StudioRuntime

/// Drafts in memory.
final class DraftsInMemory: DraftStore {
    private let draft: Mutex<Draft?>
    private let sheet: Mutex<Sheet?>

    init(_ draft: Draft? = nil, sheet: Sheet? = nil) {
        self.draft = Mutex(draft)
        self.sheet = Mutex(sheet)
    }

    func loadSheet() -> Sheet? { sheet.withLock { $0 } }
    func saveSheet(_ sheet: Sheet?) { self.sheet.withLock { $0 = sheet } }

    func load() -> Draft? { draft.withLock { $0 } }
    func save(_ draft: Draft) { self.draft.withLock { $0 = draft } }
}

/// The whole studio on a virtual terminal.
struct StudioHarness {
    let terminal: VirtualTerminal
    let drafts: DraftsInMemory
    let journal = MemoryJournal(date: { 1000 })
    private let task: Task<Void, any Error>

    init(
        generator: any ImageGenerator = FakeGenerator(), others: [any ImageGenerator] = [],
        draft: Draft? = nil, sheet: Sheet? = nil,
        terminal: VirtualTerminal = VirtualTerminal(), editor: String = "true",
        journal kept: (any StudioJournal)? = nil, library: any StudioLibrary = EmptyLibrary(),
        folder: URL? = nil, graphics: GraphicsProtocol = .blocks,
        elsewhere: (@Sendable (String, String) -> (any ImageGenerator)?)? = nil,
        clock: (@Sendable () -> Double)? = nil, notice: String? = nil
    ) {
        self.terminal = terminal
        drafts = DraftsInMemory(draft, sheet: sheet)
        var capabilities = TerminalCapabilities()
        capabilities.colorDepth = .trueColor
        var dependencies = StudioDependencies(
            terminal: terminal, generators: [generator] + others, journal: kept ?? journal,
            drafts: drafts, library: library,
            pictures: PictureEncoder(graphics: graphics, capabilities: capabilities))
        dependencies.firstPrompt = "a red fox"
        dependencies.editor = editor
        if let elsewhere { dependencies.elsewhere = elsewhere }
        if let folder { dependencies.workingFolder = folder }
        if let clock { dependencies.now = clock }
        dependencies.notice = notice
        let ready = dependencies
        task = Task { try await runStudio(ready) }
    }

    /// Waits until the studio has ended.
    func ended() async throws { try await task.value }
}
