import ArgumentParser
import Foundation
import Generation
import Settings

struct AddModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Give a model on disk a name; its files stay where they are.")

    @Argument(help: "A diffusers folder, a .safetensors file, or a folder of LoRAs or embeddings.")
    var path: String

    @Option(parsing: .unconditional, help: ArgumentHelp("Default: its own.", valueName: "name"))
    var name: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "checkpoint (default), lora, embedding, controlnet, ip-adapter, vae, safety-checker.",
            valueName: "kind"))
    var kind: String?

    func run() async throws {
        var reader = ArgumentReader()
        let kind: ModelCatalog.Kind? = reader.choice("--kind", kind)
        try reader.problems.throwIfAny()
        let context = try CommandContext.current()
        if kind == nil || kind == .checkpoint { try await checkCheckpoint(context) }
        let entry = try context.catalog.add(path, name: name, kind: kind ?? .checkpoint)
        Console().note("\(printable(entry.name)) is \(printable(entry.path))")
        guard let contents = context.catalog.contents(of: entry) else { return }
        let names = contents.prefix(Self.shownNames).map { printable($0.name, limit: 60) }
        let more = contents.count > names.count ? ", and \(contents.count - names.count) more" : ""
        Console().note("It holds \(names.joined(separator: ", "))\(more)")
    }

    /// Names of a folder's contents that are told.
    private static let shownNames = 20

    /// A name is given only to what can be opened.
    private func checkCheckpoint(_ context: CommandContext) async throws {
        let url = URL(fileURLWithPath: (path as NSString).expandingTildeInPath)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw ModelCatalogError.notFound(path)
        }
        _ = try await ModelReport(
            checkpoint: url.lastPathComponent, at: url,
            engine: LocalBackend.generator(context.catalog))
    }
}
