import ArgumentParser
import Generation
import History

struct RemoveHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Hide jobs from lists; their pictures and records stay unless --purge is given.")

    @Argument(
        help: "Identifiers, unique parts of them, or last; with --undo default: the last one.")
    var ids: [String] = []

    @Flag(help: "Bring removed jobs back.")
    var undo = false

    @Flag(help: "Erase the records, and pictures in the data folder. This cannot be undone.")
    var purge = false

    @OptionGroup var output: AnnotationOutput

    func validate() throws {
        if purge, undo { throw ValidationError("--purge cannot be undone") }
        if ids.isEmpty, !undo { throw ValidationError("name at least one job") }
    }

    func run() throws {
        let context = try CommandContext.current()
        let store = JournalStore(folders: context.folders)
        let annotation = try JobAnnotation(context)
        if purge {
            let jobs = try annotation.jobs(ids)
            let pictures = try jobs.reduce(0) { try $0 + store.purge($1) }
            Console().note("\(jobs.count) jobs and \(pictures) pictures are erased")
            return try output.report(jobs)
        }
        var names = ids
        if names.isEmpty {
            guard let job = try store.lastRemoved() else {
                throw JournalError.badValue("No job is removed")
            }
            names = [job.id.description]
        }
        try output.report(annotation.add(undo ? .restored : .removed, to: names))
    }
}
