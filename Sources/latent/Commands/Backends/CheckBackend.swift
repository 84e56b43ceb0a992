import ArgumentParser
import Foundation
import Generation
import Providers
import Settings

struct CheckBackend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask a remote backend whether it answers and takes the key.",
        discussion: "No picture is made, and nothing is billed. Of a group, every member is asked.")

    @Argument(help: "A remote backend or a group.")
    var name: String

    @Option(
        name: .customLong("base-url"), parsing: .unconditional,
        help: ArgumentHelp("Another address for it.", valueName: "url"))
    var baseURL: String?

    @Flag(name: .customLong("json"), help: "One JSON array on stdout.")
    var printsJSON = false

    func run() async throws {
        let console = Console()
        let context = try CommandContext.current()
        let names = context.configuration.groups[name] ?? [name]
        var checks: [BackendCheck] = []
        for name in names {
            let generator = try context.backends.generator(named: name, baseURL: baseURL)
            guard let remote = generator as? RemoteGenerator else {
                throw CommandFailure(
                    .invalid,
                    lines: [
                        "\(printable(name, limit: 60)) is no remote backend",
                        "Hint: remote ones: \(context.backends.remoteNames.joined(separator: ", "))",
                    ])
            }
            let check = try await Interruption.cancelling(console: console) {
                try await remote.check()
            }
            checks.append(check)
            if !printsJSON { for line in Self.lines(check) { console.printOut(line) } }
        }
        if printsJSON { console.printOut(try MachineOutput.line(checks)) }
        guard checks.allSatisfy(\.isUsable) else { throw CommandFailure(.failed) }
    }

    /// The finding for people.
    static func lines(_ check: BackendCheck) -> [String] {
        var lines = ["\(printable(check.name))  \(check.kind)  \(printable(check.baseURL))"]
        if check.isReachable {
            let time = check.milliseconds.map { " in \(Int($0.rounded())) ms" } ?? ""
            lines.append("  answers\(time)")
        } else {
            lines.append("  does not answer")
        }
        lines.append("  \(sentence(check.key))")
        if let credits = check.remainingCredits {
            lines.append("  credits left: \(CreditText.text(credits))")
        }
        lines += check.notes.map { "  \(printable($0, limit: 300))" }
        if let problem = check.problem { lines.append("  problem: \(printable(problem))") }
        return lines
    }

    private static func sentence(_ key: BackendCheck.Key) -> String {
        switch key {
        case .notNeeded: "needs no key"
        case .missing: "needs a key, and none is set"
        case .accepted: "takes the key"
        case .refused: "refuses the key"
        case .unknown: "does not say whether it takes the key"
        }
    }
}
