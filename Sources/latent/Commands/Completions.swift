import ArgumentParser
import Generation

/// `latent completions SHELL`: the script that completes this command line.
struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the completion script of a shell: bash, zsh or fish.")

    @Argument(help: "bash, zsh or fish.")
    var shell: String

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell.lowercased()) else {
            var problems = ArgumentProblems()
            problems.add("SHELL", shell, "one of bash, zsh, fish is needed")
            throw InvalidArguments(descriptions: problems.descriptions)
        }
        Console().printOut(Latent.completionScript(for: shell))
    }
}
