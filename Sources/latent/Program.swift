import ArgumentParser
import Foundation

/// The entry point: parses, runs, and turns every way to end into an exit status.
@main
enum Program {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        exit(await run(arguments, console: Console()).rawValue)
    }

    /// Runs one command line and reports its failure on stderr.
    static func run(_ arguments: [String], console: Console) async -> ExitStatus {
        do {
            var command = try Latent.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .done
        } catch {
            return report(error, console: console)
        }
    }

    private static func report(_ error: any Error, console: Console) -> ExitStatus {
        if Latent.exitCode(for: error) == .success {
            console.printOut(Latent.fullMessage(for: error))
            return .done
        }
        let failure = CommandFailure(error)
        for line in failure.lines { console.complain(line) }
        return failure.status
    }
}
