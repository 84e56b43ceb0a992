import ArgumentParser
import Generation
import Settings

struct ListBackends: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the backends and the fields that each honours.")

    @Flag(name: .customLong("json"), help: "One JSON array on stdout.")
    var printsJSON = false

    /// One backend, or why nothing is known about it.
    struct Report: Encodable {
        let name: String
        let isDefault: Bool
        var capabilities: GeneratorCapabilities?
        var defaults: RequestDefaults?
        var problem: String?
    }

    func run() async throws {
        let console = Console()
        let context = try CommandContext.current()
        var reports: [Report] = []
        for name in context.backends.names { reports.append(await report(name, context)) }
        if printsJSON { return console.printOut(try MachineOutput.line(reports)) }
        for report in reports {
            let mark = report.isDefault ? "*" : " "
            console.printOut("\(mark) \(printable(report.name))  \(Self.summary(report))")
        }
    }

    private func report(_ name: String, _ context: CommandContext) async -> Report {
        var report = Report(name: name, isDefault: name == context.configuration.defaultBackend)
        do {
            let generator = try context.backends.generator(named: name)
            let request = GenerationRequest(prompt: "")
            report.capabilities = try await generator.capabilities(for: request)
            report.defaults = try await generator.defaults(for: request)
        } catch {
            report.problem = (error as? any UserFacingError)?.summary ?? "cannot be used"
        }
        return report
    }

    private static func summary(_ report: Report) -> String {
        guard let capabilities = report.capabilities else { return report.problem ?? "" }
        let missing = RequestField.allCases.filter {
            !capabilities.support(for: $0).isSupported
        }
        let size = report.defaults.map { "\($0.width)x\($0.height)  " } ?? ""
        return size + "up to \(capabilities.maximumCount) pictures  "
            + (missing.isEmpty
                ? "all fields" : "not: " + missing.map(\.rawValue).joined(separator: " "))
    }
}
