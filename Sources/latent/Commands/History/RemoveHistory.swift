import ArgumentParser
import Generation
import History

struct RemoveHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Hide jobs from lists; their pictures and records stay.")

    @Argument(help: "Identifiers, unique parts of them, or last.")
    var ids: [String]

    @Flag(help: "Bring removed jobs back.")
    var undo = false

    func run() throws {
        try JobAnnotation(CommandContext.current()).add(undo ? .restored : .removed, to: ids)
    }
}
