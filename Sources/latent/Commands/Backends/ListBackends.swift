import ArgumentParser
import Generation
import Settings

struct ListBackends: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the backends and the fields that each honours.")

    @Argument(help: "Backends; default: all.")
    var names: [String] = []

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
        for name in names where !context.backends.names.contains(name) {
            throw UnknownBackend(name: name, known: context.backends.names)
        }
        let wanted = names.isEmpty ? context.backends.names : names
        for name in wanted { reports.append(await report(name, context)) }
        if printsJSON { return console.printOut(try MachineOutput.line(reports)) }
        for report in reports {
            let mark = report.isDefault ? "*" : " "
            console.printOut("\(mark) \(printable(report.name))  \(Self.summary(report))")
            guard !names.isEmpty, let capabilities = report.capabilities else { continue }
            for line in Self.details(capabilities) { console.printOut("    " + line) }
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

    /// Every field that is honoured and what it takes, then the backend's own.
    private static func details(_ capabilities: GeneratorCapabilities) -> [String] {
        var lines: [String] = []
        for field in RequestField.allCases
        where ![.version, .backend, .expansion, .extras].contains(field) {
            let support = capabilities.support(for: field)
            guard support.isSupported else { continue }
            let price = capabilities.pricedFields.contains(field) ? "  (priced)" : ""
            lines.append("\(field.option)  \(support.accepted)\(price)")
        }
        if !capabilities.sizes.isEmpty {
            let sizes = capabilities.sizes.map(\.description).joined(separator: ", ")
            lines.append("sizes  \(sizes)")
        }
        for field in capabilities.extras {
            let note = field.note.isEmpty ? "" : "  (\(field.note))"
            lines.append("--extra \(field.name)=...  \(field.accepted)\(note)")
        }
        return lines + [abilities(capabilities)]
    }

    /// What it does while it works.
    private static func abilities(_ capabilities: GeneratorCapabilities) -> String {
        let all: [(String, Bool)] = [
            ("progress", capabilities.reportsProgress), ("previews", capabilities.sendsPreviews),
            ("cancel", capabilities.canCancel), ("resume", capabilities.canResume),
            ("webhook", capabilities.takesWebhook), ("credits", capabilities.reportsCredits),
        ]
        let has = all.filter(\.1).map(\.0)
        return has.isEmpty ? "nothing while it works" : has.joined(separator: ", ")
    }
}
