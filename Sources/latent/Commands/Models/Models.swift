import ArgumentParser

/// `latent models`: the models that are known by name.
struct Models: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, inspect and name models.",
        subcommands: [
            ListModels.self, ShowModel.self, AddModel.self, RemoveModel.self, HashModel.self,
        ], defaultSubcommand: ListModels.self)
}
