import ArgumentParser
import History

struct ListHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List jobs, newest first.")

    @OptionGroup var filters: HistoryFilters

    func run() throws {
        var reader = ArgumentReader()
        let query = filters.query(&reader)
        try reader.problems.throwIfAny()
        let store = JournalStore(folders: try CommandContext.current().folders)
        let console = Console()
        var index = try store.index()
        let interrupted = try store.recoverInterrupted(in: index)
        if !interrupted.isEmpty {
            console.note(
                "\(interrupted.count) jobs were interrupted; `latent history resume` takes them up")
            index = try store.index()
        }
        try HistoryList(query, in: index).print(asJSON: filters.printsJSON, to: console)
    }
}
