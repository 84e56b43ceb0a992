import ArgumentParser

/// `latent history`: the journal.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List, search, compare and move what was generated.",
        subcommands: [
            ListHistory.self, ShowHistory.self, SearchHistory.self, TagHistory.self,
            StarHistory.self, RateHistory.self, NoteHistory.self, RemoveHistory.self,
            DiffHistory.self, TreeHistory.self, ResumeHistory.self, ExportHistory.self,
            ImportHistory.self, CheckHistory.self,
        ], defaultSubcommand: ListHistory.self)
}
