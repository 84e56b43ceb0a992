import Diffusion
import Foundation
import Generation
import Presets
import Settings
import Studio
import StudioRuntime
import Terminal

/// Puts the studio together from the program's parts.
struct StudioLauncher {
    let context: CommandContext

    /// Runs the studio until it is left.
    ///
    /// - Parameter session: the saved session that the history is limited to; nil: all.
    /// - Throws: ``CommandFailure`` without a terminal; ``UserFacingError`` from the parts.
    func open(graphics: GraphicsProtocol?, session: String?) async throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw CommandFailure(
                .invalid,
                lines: [
                    "The studio needs a terminal on stdin and stdout",
                    "Hint: `latent generate PROMPT` works without one",
                ])
        }
        let keymap = try Keymap(configured: context.configuration.keys)
        let journal = try SessionJournal(folders: context.folders, session: session) {
            ProgramIdentity.current()
        }
        let generators = try context.backends.offeredNames.map {
            try context.backends.generator(named: $0)
        }
        let terminal = try await StudioTerminal.open(
            graphics: graphics, environment: context.environment)
        var dependencies = StudioDependencies(
            terminal: terminal.device, generators: generators,
            journal: journal,
            drafts: DraftFolder(folder: context.folders.state),
            library: FileLibrary(
                config: context.folders.config,
                wildcards: context.configuration.wildcardFolder(context.folders),
                depth: terminal.themeDepth, catalog: context.catalog,
                companions: EmbeddedCompanions.entries, describe: Self.describe),
            pictures: PictureEncoder(
                graphics: terminal.graphics, capabilities: terminal.capabilities))
        dependencies.elsewhere = { [backends = context.backends] name, server in
            try? backends.generator(named: name, baseURL: server)
        }
        dependencies.notice = terminal.notice
        if terminal.isDoubtful { dependencies.pictureNotice = terminal.notice }
        dependencies.session = session.map { ($0 as NSString).lastPathComponent }
        dependencies.keymap = keymap
        dependencies.models = [
            "local": context.catalog.entries.filter { $0.kind == .checkpoint }.map(\.name)
        ]
        for name in context.backends.offeredNames {
            dependencies.parallelJobs[name] = context.backends.parallelJobs(of: name)
        }
        dependencies.tokens = PromptTokenCounter(
            embeddings: LocalBackend.embeddings(context.catalog, model: nil))
        dependencies.vocabulary = { [catalog = context.catalog] request in
            ModelVocabulary.words(of: request, catalog)
        }
        dependencies.theme = context.configuration.theme ?? ThemeLibrary.defaultName
        dependencies.defaultBackend = context.configuration.defaultBackend
        dependencies.engine = { ProgramIdentity.current() }
        dependencies.files = { [context] in try context.files(of: $0) }
        let engine = generators.lazy.compactMap { $0 as? DiffusionEngine }.first
        dependencies.checkFiles = { try await FileCheck.run($0, engine) }
        dependencies.openFolder = { [context] in
            FolderOpener.open($0, environment: context.environment)
        }
        dependencies.firstPrompt = "a lighthouse on a cliff at sunset"
        dependencies.editor =
            context.environment["VISUAL"] ?? context.environment["EDITOR"] ?? "vi"
        try await runStudio(dependencies)
    }

    /// What a LoRA or a textual inversion says of itself.
    @Sendable private static func describe(_ entry: ModelCatalog.Entry) -> String {
        let url = URL(fileURLWithPath: entry.path)
        guard entry.kind == .embedding else { return AdapterSummary(lora: url).text }
        var summary = AdapterSummary(embedding: url, name: entry.name)
        // Its word is its name, which the list shows.
        summary.triggerWords = []
        return summary.text
    }
}
