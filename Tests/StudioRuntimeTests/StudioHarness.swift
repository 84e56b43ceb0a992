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

    init(_ draft: Draft? = nil) { self.draft = Mutex(draft) }

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
        draft: Draft? = nil,
        terminal: VirtualTerminal = VirtualTerminal(), editor: String = "true",
        journal kept: (any StudioJournal)? = nil, library: any StudioLibrary = EmptyLibrary(),
        folder: URL? = nil
    ) {
        self.terminal = terminal
        drafts = DraftsInMemory(draft)
        var capabilities = TerminalCapabilities()
        capabilities.colorDepth = .trueColor
        var dependencies = StudioDependencies(
            terminal: terminal, generators: [generator] + others, journal: kept ?? journal,
            drafts: drafts, library: library,
            pictures: PictureEncoder(graphics: .blocks, capabilities: capabilities))
        dependencies.firstPrompt = "a red fox"
        dependencies.editor = editor
        if let folder { dependencies.workingFolder = folder }
        let ready = dependencies
        task = Task { try await runStudio(ready) }
    }

    /// Waits until the studio has ended.
    func ended() async throws { try await task.value }
}
