import Foundation
import Generation
import Settings
import Testing

@testable import History

@Suite struct IndexTests {
    private func filled() throws -> (TemporaryJournal, SessionWriter, [ULID]) {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let prompts = ["a red fox", "a Blue HOUSE", "über den Fluß", "fox in the snow"]
        let jobs = try prompts.map { try journal.run($0, in: session) }
        return (journal, session, jobs)
    }

    private func prompts(_ journal: TemporaryJournal, _ change: (inout HistoryQuery) -> Void) throws
        -> [String]
    {
        var query = HistoryQuery()
        change(&query)
        return try journal.store.index().jobs(query).page.map(\.prompt)
    }

    @Test func theNewestComeFirstAndPagesFollow() throws {
        let (journal, _, _) = try filled()
        #expect(try prompts(journal) { $0.limit = 2 } == ["fox in the snow", "über den Fluß"])
        #expect(
            try prompts(journal) { ($0.limit, $0.offset) = (2, 2) } == [
                "a Blue HOUSE", "a red fox",
            ])
        #expect(try prompts(journal) { ($0.limit, $0.offset) = (0, 9) }.isEmpty)
    }

    @Test(arguments: [
        ("FOX", ["fox in the snow", "a red fox"]), ("house blue", ["a Blue HOUSE"]),
        ("UBER", ["über den Fluß"]), ("zebra", []), ("", []),
    ])
    func searchIgnoresCaseAndAccents(text: String, found: [String]) throws {
        let (journal, _, _) = try filled()
        let all = try prompts(journal) { $0.text = text }
        #expect(all == found || (text.isEmpty && all.count == 4))
    }

    @Test func fuzzySearchPutsTheBestMatchFirst() throws {
        let (journal, _, _) = try filled()
        #expect(
            try prompts(journal) { ($0.text, $0.isFuzzy) = ("blhs", true) } == ["a Blue HOUSE"])
        #expect(try prompts(journal) { ($0.text, $0.isFuzzy) = ("fx", true) }.count == 2)
    }

    @Test func filtersCombine() throws {
        let (journal, _, jobs) = try filled()
        let first = try journal.summary(jobs[0])
        try journal.store.annotate(first, .starred(true))
        try journal.store.annotate(first, .tagged(TagChange(added: ["keep", "x"])))
        #expect(try prompts(journal) { $0.isStarred = true } == ["a red fox"])
        #expect(try prompts(journal) { $0.tags = ["keep", "x"] } == ["a red fox"])
        #expect(try prompts(journal) { $0.tags = ["keep", "y"] }.isEmpty)
        #expect(try prompts(journal) { $0.text = "keep" } == ["a red fox"])
        #expect(try prompts(journal) { $0.isStarred = false }.count == 3)
        #expect(try prompts(journal) { $0.backend = "local" }.count == 4)
        #expect(try prompts(journal) { $0.backend = "loc" }.isEmpty)
        #expect(try prompts(journal) { $0.status = .failed }.isEmpty)
        #expect(try prompts(journal) { $0.since = Date(timeIntervalSinceNow: 60) }.isEmpty)
        #expect(try prompts(journal) { $0.until = Date(timeIntervalSinceNow: 60) }.count == 4)
        #expect(try prompts(journal) { $0.session = first.session }.count == 4)
        #expect(try prompts(journal) { $0.session = "1999" }.isEmpty)
        #expect(try journal.store.index().tagCounts.map(\.tag) == ["keep", "x"])
    }

    @Test func aJobIsFoundByTheBeginningOrEndOfItsIdentifier() throws {
        let (journal, _, jobs) = try filled()
        let index = try journal.store.index()
        let text = jobs[1].description
        #expect(try index.job(abbreviated: text).id == jobs[1])
        #expect(try index.job(abbreviated: text.lowercased()).id == jobs[1])
        #expect(try index.job(abbreviated: String(text.suffix(8))).id == jobs[1])
        #expect(try index.job(abbreviated: "last").id == jobs[3])
        #expect(throws: JournalError.noSuchJob("ZZZZ")) { try index.job(abbreviated: "ZZZZ") }
        #expect(throws: JournalError.noSuchJob("X")) { try index.job(abbreviated: "X") }
        #expect(throws: JournalError.self) { try index.job(abbreviated: String(text.prefix(5))) }
        #expect(throws: JournalError.noSuchJob(ULID.zero)) { try index.job(abbreviated: ULID.zero) }
    }

    @Test func theCacheGivesWhatTheSessionsGive() throws {
        let (journal, session, jobs) = try filled()
        let first = try journal.store.index().jobs(HistoryQuery()).page
        #expect(try journal.store.index().jobs(HistoryQuery()).page == first)
        try journal.run("grown", in: session)
        try journal.store.annotate(
            try journal.summary(jobs[0]), .tagged(TagChange(added: ["late"])))
        let grown = try journal.store.index().jobs(HistoryQuery()).page
        #expect(grown.count == 5)
        journal.store.dropIndex()
        #expect(try journal.store.index().jobs(HistoryQuery()).page == grown)
    }

    @Test func aWrongCacheIsBuiltAgain() throws {
        let (journal, _, _) = try filled()
        let right = try journal.store.index().jobs(HistoryQuery()).page
        let folder = journal.folders.cache.appendingPathComponent("history")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let file = folder.appendingPathComponent(try #require(names.first))
        let intact = try Data(contentsOf: file)
        for position in stride(from: 0, to: intact.count, by: 7) {
            var broken = intact
            broken[position] ^= 0x41
            try broken.write(to: file)
            #expect(try journal.store.index().jobs(HistoryQuery()).page == right)
        }
        try intact.prefix(100).write(to: file)
        #expect(try journal.store.index().jobs(HistoryQuery()).page == right)
    }

    @Test func aSessionThatWasEditedIsReadAgain() throws {
        let (journal, session, _) = try filled()
        _ = try journal.store.index()
        session.close()
        let text = try String(contentsOf: session.url, encoding: .utf8)
        try Data(text.replacing("a red fox", with: "a green fox and more").utf8)
            .write(to: session.url)
        #expect(try prompts(journal) { $0.text = "green" } == ["a green fox and more"])
    }
}

extension ULID {
    fileprivate static let zero = String(repeating: "0", count: 26)

    @Test func whatTheBackendChoseFillsTheGapsOfWhatWasTyped() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        var asked = GenerationRequest(prompt: "a fox")
        asked.steps = 7
        let job = try session.queue(QueuedJob(request: asked))
        var resolved = asked
        (resolved.width, resolved.height, resolved.steps) = (256, 192, 8)
        resolved.seeds = [42, 43]
        try session.started(job, StartedJob(request: resolved))
        try session.finished(job, FinishedJob(images: []))
        let summary = try journal.summary(job)
        #expect(summary.width == 256 && summary.height == 192)
        #expect(summary.steps == 7)
        #expect(summary.seed == 42)
        #expect(summary.prompt == "a fox")
    }
}
