import ArgumentParser
import Foundation
import Generation
import Settings

struct ShowModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a model is made of; no weight is read.")

    @Argument(help: "A name, a path, or `embedded`.")
    var name: String

    @Flag(name: .customLong("json"), help: "One JSON object on stdout.")
    var printsJSON = false

    func run() async throws {
        let console = Console()
        let context = try CommandContext.current()
        let report = try await Self.report(name, context)
        if printsJSON { return console.printOut(try MachineOutput.line(report)) }
        console.printOut("\(printable(report.name)): \(report.kind)")
        console.printOut("path      \(printable(report.path))")
        console.printOut("size      \(ByteCount.text(report.bytes))")
        for file in report.files {
            console.printOut(
                "file      \(file.role)  \(ByteCount.text(file.bytes))  \(printable(file.path))")
        }
        guard let defaults = report.defaults else { return }
        console.printOut("size      \(defaults.width)x\(defaults.height) pixels by default")
        console.printOut("steps     \(defaults.steps)")
        console.printOut("guidance  \(defaults.guidanceScale)")
        if let sampler = defaults.sampler { console.printOut("sampler   \(sampler.rawValue)") }
    }

    /// The report on a name, a path or the embedded model.
    static func report(_ name: String, _ context: CommandContext) async throws -> ModelReport {
        let engine = LocalBackend.generator(context.catalog)
        let entries = context.catalog.entries + EmbeddedCompanions.entries
        if let entry = entries.first(where: { $0.name == name }) {
            guard entry.kind == .checkpoint else { return ModelReport(entry) }
            return try await ModelReport(
                checkpoint: name, at: URL(fileURLWithPath: entry.path), engine: engine)
        }
        if name == "embedded", let url = LocalBackend.embeddedModel {
            return try await ModelReport(checkpoint: name, at: url, engine: engine)
        }
        let url = URL(fileURLWithPath: (name as NSString).expandingTildeInPath)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw ModelCatalogError.unknown(name)
        }
        return try await ModelReport(checkpoint: url.lastPathComponent, at: url, engine: engine)
    }
}
