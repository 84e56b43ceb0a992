import ArgumentParser
import Foundation
import History

/// Which jobs a list shows.
struct HistoryFilters: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Most jobs to list (default 50); 0 is all.", valueName: "n"))
    var limit: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Only jobs with this tag; repeatable.", valueName: "tag"))
    var tag: [String] = []

    @Flag(help: "Only starred jobs.")
    var starred = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Part of the model's name.", valueName: "name"))
    var model: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Name of the backend.", valueName: "name"))
    var backend: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A session file, or the beginning of its name.", valueName: "name"))
    var session: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Queued on this day or later.", valueName: "yyyy-mm-dd"))
    var since: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Queued before this day.", valueName: "yyyy-mm-dd"))
    var until: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "queued, running, finished, failed, cancelled, interrupted.", valueName: "name"))
    var status: String?

    @Flag(help: "Only jobs that were removed.")
    var removed = false

    @Flag(name: .customLong("json"), help: "One JSON object on stdout.")
    var printsJSON = false

    /// The query; what cannot be read goes to the reader's problems.
    func query(_ reader: inout ArgumentReader) -> HistoryQuery {
        var query = HistoryQuery()
        query.limit = reader.integer("--limit", limit, in: 0...10_000_000) ?? query.limit
        query.tags = tag
        query.isStarred = starred ? true : nil
        query.model = model
        query.backend = backend
        query.session = session
        query.status = reader.choice("--status", status)
        query.since = Self.day("--since", since, &reader)
        query.until = Self.day("--until", until, &reader)
        query.showsRemoved = removed
        return query
    }

    /// Midnight, UTC, of a day.
    private static func day(
        _ option: String, _ text: String?, _ reader: inout ArgumentReader
    ) -> Date? {
        guard let text else { return nil }
        let style = Date.ISO8601FormatStyle().year().month().day()
        if let date = try? style.parse(text) { return date }
        reader.problems.add(option, text, "a day like 2026-01-31 is needed")
        return nil
    }
}
