import ArgumentParser
import Foundation
import Generation
import History

struct TreeHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree", abstract: "Show which job was tweaked from which.")

    @Argument(help: "A job whose whole tree is shown; default: the newest trees.")
    var id: String?

    @Flag(name: .customLong("json"), help: "One JSON object on stdout.")
    var printsJSON = false

    /// One job of a tree.
    private struct Node: Encodable {
        var id: String
        var parent: String?
        var depth: Int
        var prompt: String
    }

    func run() throws {
        let console = Console()
        let store = JournalStore(folders: try CommandContext.current().folders)
        let index = try store.index()
        let lineage = index.lineage
        let roots: [ULID]
        if let id {
            let job = try index.job(abbreviated: id).id
            roots = [lineage.ancestors(of: job).last ?? job]
        } else {
            roots = lineage.roots.filter { !lineage.children(of: $0).isEmpty }.suffix(20)
        }
        let entries = roots.flatMap { lineage.subtree(of: $0) }
        let jobs = index.jobs(Set(entries.map(\.job)))
        let nodes = entries.map { entry in
            Node(
                id: entry.job.description, parent: lineage.parent(of: entry.job)?.description,
                depth: entry.depth, prompt: jobs[entry.job]?.prompt ?? "")
        }
        if printsJSON { return console.printOut(try MachineOutput.line(["jobs": nodes])) }
        for node in nodes {
            let indent = String(repeating: "  ", count: min(40, node.depth))
            console.printOut("\(indent)\(node.id)  \(printable(node.prompt, limit: 60))")
        }
        if nodes.isEmpty { console.note("No job was tweaked from another") }
    }
}
