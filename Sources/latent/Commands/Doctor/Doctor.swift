import ArgumentParser
import Generation

/// `latent doctor`: what this machine and terminal offer.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Report terminal, libraries, CPU, models and backends.")

    @Flag(name: .customLong("json"), help: "One JSON object on stdout.")
    var printsJSON = false

    func run() async throws {
        let console = Console()
        let context = try CommandContext.current()
        let report = DoctorReport(context)
        if printsJSON { return console.printOut(try MachineOutput.line(report)) }
        for line in report.lines { console.printOut(line) }
    }
}
