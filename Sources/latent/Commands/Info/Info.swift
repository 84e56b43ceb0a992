import ArgumentParser
import Foundation
import Generation
import Images

/// `latent info IMAGE`: what a picture's metadata says.
struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how a picture was made, as its metadata says.",
        discussion: """
            Pictures of latent, A1111 and its relatives, ComfyUI and others are understood. The \
            output of --json is accepted by `latent generate --request FILE`.
            """)

    @Argument(help: "A PNG, JPEG or WebP picture.")
    var image: String

    @Flag(name: .customLong("json"), help: "One JSON object on stdout.")
    var printsJSON = false

    func run() throws {
        let console = Console()
        let report = try InfoReport(reading: image)
        if printsJSON { return console.printOut(try MachineOutput.line(report)) }
        for line in report.lines { console.printOut(line) }
        for warning in report.warnings { console.note("Warning: \(printable(warning))") }
    }
}
