import ArgumentParser
import Foundation
import Generation
import Hashing
import History
import Images

struct ShowHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show everything that is recorded about a job.")

    @Argument(help: "An identifier, a unique part of one, or last.")
    var id: String

    @Flag(name: .customLong("json"), help: "One JSON object on stdout.")
    var printsJSON = false

    func run() throws {
        let console = Console()
        let store = JournalStore(folders: try CommandContext.current().folders)
        let summary = try store.index().job(abbreviated: id)
        let job = try store.details(of: summary)
        if printsJSON { return console.printOut(try MachineOutput.history(job)) }
        for line in Self.lines(job, summary) { console.printOut(line) }
        let losses = job.images.compactMap { Self.loss(of: $0, summary, store) }
        guard !losses.isEmpty else { return }
        for loss in losses { console.printOut(loss) }
        console.printOut("Make again: latent replay \(job.id) -o again-{index}.png")
    }

    /// What became of a picture that is not as it was recorded.
    private static func loss(
        of image: SavedImage, _ job: JobSummary, _ store: JournalStore
    ) -> String? {
        let url = store.pictureURL(image.path, session: job.session)
        guard FileManager.default.fileExists(atPath: url.path) else {
            return "Picture \(image.index) is gone"
        }
        // JPEG does not keep pixels.
        guard url.pathExtension.lowercased() == "png" else { return nil }
        let pixels = try? ImageFile.read(url.path)
        return pixels?.pixelsSHA256 == image.pixelsSHA256
            ? nil : "Picture \(image.index) was changed since"
    }

    private static func lines(_ job: JobDetails, _ summary: JobSummary) -> [String] {
        func line(_ name: String, _ value: String) -> String {
            name.padding(toLength: 20, withPad: " ", startingAt: 0) + printable(value, limit: 4000)
        }
        var lines = [
            line("job", job.id.description), line("session", summary.session),
            line("status", job.status.rawValue), line("queued", job.queuedAt.ISO8601Format()),
        ]
        if let failure = job.failure { lines.append(line("failure", failure.summary)) }
        for field in RequestField.allCases where field != .version {
            guard job.request.isGiven(field) || field == .prompt || field == .backend else {
                continue
            }
            lines.append(line(field.rawValue, job.request.value(of: field).description))
        }
        if let address = job.baseURL { lines.append(line("base URL", address)) }
        if let task = job.taskID { lines.append(line("task", task)) }
        for image in job.images {
            let seed = image.seed.map { "  seed \($0)" } ?? ""
            lines.append(line("picture \(image.index)", image.path + seed))
        }
        if let timing = job.timing {
            lines.append(line("seconds", ProgressBar.decimal(timing.total)))
        }
        if !job.tags.isEmpty { lines.append(line("tags", job.tags.joined(separator: " "))) }
        if let note = job.note { lines.append(line("note", note)) }
        if job.isStarred { lines.append(line("starred", "yes")) }
        return lines
    }
}
