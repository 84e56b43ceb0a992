import ArgumentParser
import Foundation
import Generation
import Settings
import StudioRuntime
import Terminal

@main
struct Latent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A terminal studio for SDXL prompts.")

    @Option(help: "How pictures are shown: kitty, sixel, blocks, ...")
    var graphics: String?

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let terminal = try await StudioTerminal.open(
            graphics: graphics.flatMap(GraphicsProtocol.init), environment: environment)
        let step = environment["LATENT_FAKE_BACKEND"].flatMap { Int($0) } ?? 1
        let folders = Folders.current
        var dependencies = StudioDependencies(
            terminal: terminal.device,
            generators: [FakeGenerator(stepDuration: .milliseconds(step))],
            journal: MemoryJournal(),
            drafts: DraftFile(url: folders.state.appendingPathComponent("draft.json")),
            library: FileLibrary(config: folders.config, depth: terminal.themeDepth),
            pictures: PictureEncoder(
                graphics: terminal.graphics, capabilities: terminal.capabilities))
        dependencies.theme = "midnight"
        dependencies.firstPrompt = "a red fox in the snow"
        dependencies.editor = environment["VISUAL"] ?? environment["EDITOR"] ?? "vi"
        try await runStudio(dependencies)
    }
}
