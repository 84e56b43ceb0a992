import ArgumentParser
import CSignals
import Foundation

/// The entry point: parses, runs, and turns every way to end into an exit status.
@main
enum Program {
    static func main() async {
        csignals_forbid_cores()
        let console = Console()
        if let place = firstInvalidArgument() {
            console.complain("argument \(place): it is not valid UTF-8")
            exit(ExitStatus.invalid.rawValue)
        }
        let arguments = Array(CommandLine.arguments.dropFirst())
        let status = await run(arguments, console: console)
        if let problem = Console.outputProblem {
            console.complain(problem)
            exit(status == .done ? ExitStatus.failed.rawValue : status.rawValue)
        }
        exit(status.rawValue)
    }

    /// The number of the first argument that is no UTF-8. Swift would repair it, and the picture
    /// would be made of another prompt than was meant.
    private static func firstInvalidArgument() -> Int? {
        (1..<max(1, Int(CommandLine.argc))).first { index in
            guard let bytes = CommandLine.unsafeArgv[index] else { return false }
            return String(validatingCString: bytes) == nil
        }
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
