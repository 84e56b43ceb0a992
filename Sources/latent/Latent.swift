import ArgumentParser

/// The command `latent`; without a subcommand it opens the studio.
struct Latent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latent",
        abstract: "A terminal studio for SDXL prompts.",
        discussion: "Without a subcommand the studio opens.",
        version: ProgramVersion.current,
        subcommands: [
            Generate.self, Sweep.self, Replay.self, HistoryCommand.self, Models.self, Backends.self,
            Info.self, View.self, Bench.self, Doctor.self, Completions.self,
        ])

    @OptionGroup(title: "The studio")
    var graphics: GraphicsOptions

    @Option(
        help: ArgumentHelp(
            "Show only the jobs of a saved session: a file, or the beginning of its name.",
            valueName: "session"))
    var session: String?

    func run() async throws {
        var reader = ArgumentReader()
        let chosen = graphics.chosen(&reader)
        try reader.problems.throwIfAny()
        try await StudioLauncher(context: try CommandContext.current()).open(
            graphics: chosen, session: session)
    }
}
