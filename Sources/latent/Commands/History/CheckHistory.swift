import ArgumentParser
import Generation
import History

struct CheckHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Examine session files and pictures; repair what can be repaired.",
        discussion: """
            Exit status 1 when something is damaged and was not repaired. Damaged lines go to a \
            file beside the session, whose name ends with .damaged; nothing is thrown away.
            """)

    @Flag(help: "Set damaged lines aside and build the index anew.")
    var repair = false

    @Flag(help: "Compare the pixels of every picture with its checksum.")
    var pictures = false

    @Flag(name: .customLong("json"), help: "One JSON object on stdout.")
    var printsJSON = false

    /// What `--json` prints.
    private struct Report: Encodable {
        var isSound: Bool
        var interrupted: Int
        var sessions: [JournalCheck.Finding]
    }

    func run() throws {
        let console = Console()
        let store = JournalStore(folders: try CommandContext.current().folders)
        let interrupted = try store.recoverInterrupted()
        let findings = try JournalCheck(store: store).run(
            comparesPictures: pictures, repairs: repair)
        let isSound = findings.allSatisfy(\.isSound)
        if printsJSON {
            let report = Report(
                isSound: isSound, interrupted: interrupted.count, sessions: findings)
            console.printOut(try MachineOutput.line(report))
        } else {
            for finding in findings { for line in lines(finding) { console.printOut(line) } }
            let jobs = findings.reduce(0) { $0 + $1.jobs }
            console.note("\(findings.count) sessions, \(jobs) jobs")
        }
        guard isSound || repair else {
            throw CommandFailure(
                .failed, lines: printsJSON ? [] : ["The journal is damaged", "Hint: --repair"])
        }
    }

    private func lines(_ finding: JournalCheck.Finding) -> [String] {
        let name = printable(finding.session)
        var lines: [String] = []
        if let failure = finding.failure {
            lines.append("\(name): \(failure)" + (finding.isSkipped ? "; it is skipped" : ""))
        }
        for line in finding.damaged {
            lines.append("\(name):\(line.line): \(line.byteCount) bytes, \(line.reason)")
        }
        if finding.hasTornTail { lines.append("\(name): the last line is not complete") }
        for (kind, count) in finding.unknown.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "\(name): \(count) records \"\(kind)\" of a newer latent, left as they are")
        }
        lines += finding.missingPictures.map { "\(name): \($0) is gone; replay makes it again" }
        lines += finding.changedPictures.map { "\(name): \($0) was changed since" }
        if let path = finding.setAside { lines.append("\(name): set aside in \(printable(path))") }
        return lines
    }
}
