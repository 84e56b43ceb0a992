import ArgumentParser

/// `latent history`: the journal.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List, search and annotate what was generated.",
        subcommands: [
            ListHistory.self, ShowHistory.self, SearchHistory.self, TagHistory.self,
            StarHistory.self, NoteHistory.self, RemoveHistory.self,
        ], defaultSubcommand: ListHistory.self)
}
