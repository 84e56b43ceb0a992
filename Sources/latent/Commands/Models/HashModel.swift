import ArgumentParser
import Foundation
import Generation
import Hashing

struct HashModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hash", abstract: "Print the SHA-256 of a model's weight files.")

    @Argument(help: "A name, a path, or `embedded`.")
    var name: String

    @Flag(name: .customLong("json"), help: "One JSON array on stdout.")
    var printsJSON = false

    /// A file and its hash.
    private struct HashedFile: Encodable {
        let role: String
        let path: String
        let sha256: String
    }

    func run() async throws {
        let console = Console()
        let context = try CommandContext.current()
        let report = try await ShowModel.report(name, context)
        let files = try await Interruption.cancelling(console: console) {
            try report.files.map { file in
                HashedFile(
                    role: file.role, path: file.path,
                    sha256: try SHA256.hexDigest(ofFileAt: file.path))
            }
        }
        if printsJSON { return console.printOut(try MachineOutput.line(files)) }
        for file in files { console.printOut("\(file.sha256)  \(printable(file.path))") }
    }
}
