import ArgumentParser
import Foundation
import Generation
import History

struct ImportHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in exports, session files, and pictures of other tools.",
        discussion: """
            A folder or archive of `latent history export`, a session file, a picture, or a folder \
            of pictures: A1111 and its relatives, ComfyUI, Fooocus, SwarmUI, InvokeAI, \
            stable-diffusion.cpp, Draw Things and NovelAI are understood.
            """)

    @Argument(help: "What to take in.")
    var sources: [String]

    @Flag(name: .customLong("json"), help: "One JSON object on stdout.")
    var printsJSON = false

    func run() throws {
        let console = Console()
        let store = JournalStore(folders: try CommandContext.current().folders)
        let importer = JournalImport(store: store, engine: ProgramIdentity.current())
        var sum = JournalImport.Summary()
        for source in sources {
            let summary = try importer.run(URL(fileURLWithPath: source))
            sum.jobs += summary.jobs
            sum.pictures += summary.pictures
            sum.notes += summary.notes
        }
        if printsJSON { return console.printOut(try MachineOutput.line(sum)) }
        for note in sum.notes { console.note("Note: \(printable(note))") }
        console.note("\(sum.jobs) jobs, \(sum.pictures) pictures taken in")
    }
}
