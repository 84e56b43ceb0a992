import ArgumentParser
import History

struct StarHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "star", abstract: "Star jobs, or take the star away.")

    @Argument(help: "Identifiers, unique parts of them, or last.")
    var ids: [String]

    @Flag(help: "Take the star away.")
    var off = false

    func run() throws {
        try JobAnnotation(CommandContext.current()).add(.starred(!off), to: ids)
    }
}
