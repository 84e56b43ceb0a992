import ArgumentParser
import Foundation
import Generation
import History

struct DiffHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what changed between two jobs.",
        discussion: "With one job: against the job it was tweaked from.")

    @Argument(help: "Identifiers of one or two jobs, unique parts of them, or last.")
    var ids: [String]

    @Flag(name: .customLong("json"), help: "One JSON object on stdout.")
    var printsJSON = false

    /// What `--json` prints.
    private struct Report: Encodable {
        var old: String
        var new: String
        var changes: [RequestDiff.Change]
        var prompt: [PromptDiff.Piece]
        var negativePrompt: [PromptDiff.Piece]
    }

    func validate() throws {
        guard (1...2).contains(ids.count) else {
            throw ValidationError("one or two jobs are compared")
        }
    }

    func run() throws {
        let console = Console()
        let store = JournalStore(folders: try CommandContext.current().folders)
        let index = try store.index()
        var jobs = try ids.map { try index.job(abbreviated: $0) }
        if jobs.count == 1 {
            guard let parent = jobs[0].parent.flatMap({ index.job($0) }) else {
                throw JournalError.badValue("\(jobs[0].id) was not tweaked from a job that is here")
            }
            jobs.insert(parent, at: 0)
        }
        let diff = RequestDiff(
            from: try store.details(of: jobs[0]).request,
            to: try store.details(of: jobs[1]).request)
        if printsJSON {
            return console.printOut(
                try MachineOutput.line(
                    Report(
                        old: jobs[0].id.description, new: jobs[1].id.description,
                        changes: diff.changes, prompt: diff.prompt,
                        negativePrompt: diff.negativePrompt)))
        }
        for change in diff.changes { console.printOut(line(change, diff)) }
        if diff.isEmpty { console.note("The requests are equal") }
    }

    private func line(_ change: RequestDiff.Change, _ diff: RequestDiff) -> String {
        let name = change.field.rawValue.padding(toLength: 20, withPad: " ", startingAt: 0)
        let pieces =
            switch change.field {
            case .prompt: diff.prompt
            case .negativePrompt: diff.negativePrompt
            default: [PromptDiff.Piece]()
            }
        guard !pieces.isEmpty else {
            return name + "\(printable(change.old)) -> \(printable(change.new))"
        }
        return name
            + pieces.map { piece in
                let text = printable(piece.text, limit: 4000)
                return switch piece.kind {
                case .same: text
                case .removed: "[-\(text)-]"
                case .added: "{+\(text)+}"
                }
            }.joined()
    }
}
