import ArgumentParser

/// Where a request runs; shared by every command that takes a backend.
struct BackendOptions: ParsableArguments {
    @Option(
        name: [.customShort("b"), .customLong("backend")], parsing: .unconditional,
        help: ArgumentHelp("local or a configured remote.", valueName: "name"))
    var name: String?

    @Option(
        name: .customLong("base-url"), parsing: .unconditional,
        help: ArgumentHelp("Another address for a remote backend.", valueName: "url"))
    var baseURL: String?
}
