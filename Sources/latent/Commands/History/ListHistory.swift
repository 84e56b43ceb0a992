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
        try HistoryList(query, in: store.index())
            .print(asJSON: filters.printsJSON, to: Console())
    }
}
