import ArgumentParser
import Generation
import Settings

struct RemoveModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Take an added model off the list; its files stay.")

    @Argument(help: "A name or path from `latent models list`.")
    var name: String

    func run() throws {
        let entry = try CommandContext.current().catalog.remove(name)
        Console().note("\(printable(entry.name)) is off the list; \(printable(entry.path)) stays")
    }
}
