import ArgumentParser
import Images

/// Where results and reports go.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output")], parsing: .unconditional,
        help: ArgumentHelp(
            "Path of the picture; {seed} {index} {id} are replaced; default: the data folder.",
            valueName: "path"))
    var path: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("png or jpeg; default: as the path says, else png.", valueName: "name"))
    var format: String?

    @Flag(name: .customLong("json"), help: "One JSON object on stdout when done.")
    var printsJSON = false

    @Flag(
        name: .customLong("progress-json"),
        help: "One JSON object per line on stderr while it runs.")
    var reportsProgressAsJSON = false

    @Flag(name: .customLong("dry-run"), help: "Validate, expand, estimate; generate nothing.")
    var isDryRun = false

    @Flag(name: .customLong("no-history"), help: "No journal entry.")
    var skipsHistory = false

    @Flag(name: .customLong("no-metadata"), help: "No text in the picture.")
    var skipsMetadata = false
}
