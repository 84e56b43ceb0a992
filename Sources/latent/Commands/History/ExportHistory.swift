import ArgumentParser
import Foundation
import Generation
import History
import Images

struct ExportHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write jobs as a folder, a ZIP archive, a table or a contact sheet.",
        discussion: """
            The end of the name decides: .zip an archive, .csv a table of parameters, .png or .jpg \
            one picture of all pictures, anything else a folder. Folders and archives hold the \
            session, its pictures and the table; `latent replay FOLDER/session.jsonl` runs them \
            again anywhere. Without identifiers the filters choose.
            """)

    @Argument(help: "Where to.")
    var destination: String

    @Argument(help: "Identifiers of jobs, unique parts of them, or last.")
    var ids: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Cells in a row of a contact sheet.", valueName: "n"))
    var columns: String?

    @OptionGroup var filters: HistoryFilters

    /// What `--json` prints.
    private struct Report: Encodable {
        var path: String
        var jobs: Int
        var pictures: Int
        var missing: [String]
    }

    func run() throws {
        var reader = ArgumentReader()
        var query = filters.query(&reader)
        if filters.limit == nil { query.limit = 0 }
        let columns = reader.integer("--columns", columns, in: 1...1000)
        try reader.problems.throwIfAny()
        let store = JournalStore(folders: try CommandContext.current().folders)
        let index = try store.index()
        let jobs =
            try ids.isEmpty
            ? index.jobs(query).page.reversed() : ids.map { try index.job(abbreviated: $0) }
        guard !jobs.isEmpty else { throw JournalError.badValue("No job matches") }
        let report = try write(jobs, from: store, columns: columns)
        let console = Console()
        if filters.printsJSON { return console.printOut(try MachineOutput.line(report)) }
        console.note(
            "\(report.jobs) jobs, \(report.pictures) pictures: \(printable(report.path))")
        for path in report.missing { console.note("Warning: gone: \(printable(path))") }
    }

    private func write(
        _ jobs: [JobSummary], from store: JournalStore, columns: Int?
    ) throws -> Report {
        let url = URL(fileURLWithPath: destination)
        switch url.pathExtension.lowercased() {
        case "csv":
            let details = try store.details(of: jobs)
            try AtomicFile.write(Array(ParameterTable.csv(details).utf8), to: destination)
            return Report(path: destination, jobs: jobs.count, pictures: 0, missing: [])
        case "png", "jpg", "jpeg":
            return try writeSheet(jobs, from: store, columns: columns)
        default:
            let summary = try JournalExport(store: store).write(jobs, to: url)
            return Report(
                path: destination, jobs: summary.jobs, pictures: summary.pictures,
                missing: summary.missing)
        }
    }

    private func writeSheet(
        _ jobs: [JobSummary], from store: JournalStore, columns: Int?
    ) throws -> Report {
        var pictures: [PixelImage] = []
        var missing: [String] = []
        let sessions = Dictionary(jobs.map { ($0.id, $0.session) }) { first, _ in first }
        for job in try store.details(of: jobs) {
            for image in job.images {
                let url = store.pictureURL(image.path, session: sessions[job.id] ?? "")
                if let picture = try? ImageFile.read(url.path) {
                    pictures.append(picture)
                } else {
                    missing.append(image.path)
                }
            }
        }
        guard let sheet = ContactSheet.draw(pictures, columns: columns) else {
            throw JournalError.badValue("None of the jobs has a picture that can be read")
        }
        let format: ImageFormat = destination.lowercased().hasSuffix("png") ? .png : .jpeg
        try AtomicFile.write(try sheet.encoded(as: format), to: destination)
        return Report(
            path: destination, jobs: jobs.count, pictures: pictures.count, missing: missing)
    }
}
