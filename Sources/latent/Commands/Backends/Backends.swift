import ArgumentParser

/// `latent backends`: where requests can run.
struct Backends: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List backends and what each can do.",
        subcommands: [ListBackends.self, CheckBackend.self],
        defaultSubcommand: ListBackends.self)
}
