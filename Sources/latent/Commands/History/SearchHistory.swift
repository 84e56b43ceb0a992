import ArgumentParser
import History

struct SearchHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Search prompts, tags and notes.")

    @Argument(help: "Words that must all occur.")
    var text: String

    @Flag(help: "Letters of a word may be apart; best matches first.")
    var fuzzy = false

    @OptionGroup var filters: HistoryFilters

    func run() throws {
        var reader = ArgumentReader()
        var query = filters.query(&reader)
        try reader.problems.throwIfAny()
        query.text = text
        query.isFuzzy = fuzzy
        let store = JournalStore(folders: try CommandContext.current().folders)
        try HistoryList(query, in: store.index())
            .print(asJSON: filters.printsJSON, to: Console())
    }
}
