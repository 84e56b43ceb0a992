import ArgumentParser
import Foundation
import Generation
import Settings

struct ListModels: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the models that are known by name.")

    @Flag(name: .customLong("json"), help: "One JSON array on stdout.")
    var printsJSON = false

    func run() throws {
        let console = Console()
        let context = try CommandContext.current()
        let entries = context.catalog.entries
        let models =
            (LocalBackend.embeddedModel.map { [ListedModel(embedded: $0)] } ?? [])
            + EmbeddedCompanions.entries.map { ListedModel($0) } + entries.map { ListedModel($0) }
        if printsJSON { return console.printOut(try MachineOutput.line(models)) }
        for model in models { console.printOut(model.text) }
        if entries.isEmpty {
            console.note(
                "No models yet: put them into \(printable(context.folders.models.path)), or name "
                    + "one with `latent models add PATH`")
        }
    }
}
