import ArgumentParser

/// The command `latent`; without a subcommand it opens the studio.
struct Latent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latent",
        abstract: "A terminal studio for SDXL prompts.",
        discussion: "Without a subcommand the studio opens.",
        version: ProgramVersion.current,
        subcommands: [
            Generate.self, Models.self, Backends.self, Info.self, View.self, Doctor.self,
            Completions.self,
        ])

    func run() async throws {
        throw CommandFailure(.invalid, lines: ["The studio needs a terminal"])
    }
}
