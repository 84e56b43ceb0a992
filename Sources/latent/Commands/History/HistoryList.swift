import Foundation
import Generation
import History

/// A page of the journal, for machines and for people.
struct HistoryList: Encodable {
    /// Jobs that match, on this page and on others.
    let total: Int
    let jobs: [JobSummary]

    init(_ query: HistoryQuery, in index: HistoryIndex) {
        (jobs, total) = index.jobs(query)
    }

    /// One line per job: identifier, day, star, status, seed, prompt.
    var lines: [String] {
        jobs.map { job in
            let day = String(job.queuedAt.ISO8601Format().prefix(16))
            let star = job.isStarred ? "*" : " "
            let tags = job.tags.isEmpty ? "" : "  #" + job.tags.joined(separator: " #")
            return "\(job.id)  \(day) \(star) \(job.status.rawValue)  "
                + "\(job.seed.map { String($0) } ?? "-")  \(printable(job.prompt, limit: 60))"
                + printable(tags, limit: 80)
        }
    }

    /// Prints it.
    func print(asJSON isJSON: Bool, to console: Console) throws {
        if isJSON { return console.printOut(try MachineOutput.history(self)) }
        for line in lines { console.printOut(line) }
        if jobs.count < total { console.note("\(jobs.count) of \(total); --limit 0 lists all") }
        if total == 0 { console.note("No job matches") }
    }
}

extension MachineOutput {
    /// JSON of journal values: times as ISO 8601.
    static func history(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return escaped(try encoder.encode(value))
    }
}
