import Foundation
import Generation
import Settings
import Testing

@testable import History

@Suite("An index that is read on")
struct ReadOnTests {
    @Test("is the same as one that is read anew, and tells what has changed")
    func changes() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let fox = try journal.run("a red fox", in: session)
        var index = try journal.store.index()
        let boat = try journal.run("a Boat", in: session)
        try journal.store.annotate(try journal.summary(fox), .starred(true))
        let names: Set<String> = [session.sessionName]
        let changes = journal.store.refresh(&index, sessions: names)
        journal.store.dropIndex()
        #expect(
            try journal.store.index().jobs(HistoryQuery()).page == index.jobs(HistoryQuery()).page)
        let change = try #require(changes[session.sessionName])
        #expect(change.changed.map(\.id) == [fox, boat])
        #expect(change.changed.first?.isStarred == true)
        #expect(change.gone.isEmpty)
        #expect(journal.store.refresh(&index, sessions: names).isEmpty)
    }

    @Test("finds jobs of long ago, however many something is said of")
    func longAgo() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let jobs = try (0..<60).map { try journal.run("a red fox \($0)", in: session) }
        var index = try journal.store.index()
        let summaries = try jobs.map { try journal.summary($0) }
        for (place, summary) in summaries.enumerated() where place % 2 == 0 {
            try journal.store.annotate(summary, .rated(place % 5 + 1))
            try journal.store.annotate(summary, .noted("note \(place)"))
        }
        let later = try journal.run("a boat", in: session)
        let changes = journal.store.refresh(&index, sessions: [session.sessionName])
        let told = try #require(changes[session.sessionName]).changed
        #expect(told.map(\.id) == stride(from: 0, to: 60, by: 2).map { jobs[$0] } + [later])
        #expect(told.first { $0.id == jobs[38] }?.note == "note 38")
        journal.store.dropIndex()
        #expect(
            try journal.store.index().jobs(HistoryQuery()).page == index.jobs(HistoryQuery()).page)
    }

    @Test("adds a job where the others lie instead of copying them")
    func inPlace() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        for number in 0..<40 { try journal.run("a red fox \(number)", in: session) }
        var index = try journal.store.index()
        var moves = 0
        for number in 0..<20 {
            let before = index.segments[0].rows.withUnsafeBufferPointer { $0.baseAddress }
            try journal.run("a boat \(number)", in: session)
            _ = journal.store.refresh(&index, sessions: [session.sessionName])
            let after = index.segments[0].rows.withUnsafeBufferPointer { $0.baseAddress }
            if before != after { moves += 1 }
        }
        // Once, when the space for forty is full; not with every job.
        #expect(moves <= 2)
        #expect(index.count == 60)
    }

    @Test("notices a session that was written anew, and one that is gone")
    func rewritten() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let jobs = try ["a red fox", "a boat", "an owl"].map { try journal.run($0, in: session) }
        let names: Set<String> = [session.sessionName]
        var index = try journal.store.index()
        let lines = try String(contentsOf: session.url, encoding: .utf8).split(separator: "\n")
        let kept = lines.filter { !$0.contains(jobs[1].description) }.joined(separator: "\n") + "\n"
        try kept.write(to: session.url, atomically: true, encoding: .utf8)
        let rewritten = journal.store.refresh(&index, sessions: names)[session.sessionName]
        #expect(rewritten?.changed.isEmpty == true)
        #expect(rewritten?.gone == [jobs[1]])
        try FileManager.default.removeItem(at: session.url)
        let removed = journal.store.refresh(&index, sessions: names)[session.sessionName]
        #expect(removed?.gone == [jobs[0], jobs[2]])
        #expect(index.count == 0)
    }

    @Test("takes few bytes for a job that is like the one before")
    func size() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let prompt = "a lighthouse on a cliff at sunset, painted by an old sailor"
        for seed in 0..<50 { try journal.run(prompt, in: session, seed: UInt64(seed)) }
        let segment = try #require(try journal.store.index().segments.first)
        let path = "images/\(ULID()).png".utf8.count
        #expect(segment.bytes.count < 50 * (path + 4) + 400)
        let page = try journal.store.index().jobs(HistoryQuery()).page
        #expect(page.allSatisfy { $0.prompt == prompt })
        var query = HistoryQuery()
        query.text = "SAILOR"
        #expect(try journal.store.index().jobs(query).total == 50)
    }

    @Test("writes what it read to the disk now and then, not with every job")
    func saved() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        try journal.run("a red fox", in: session)
        var index = try journal.store.index()
        let file = journal.folders.cache.appendingPathComponent("history")
            .appendingPathComponent(session.sessionName + ".index")
        let names: Set<String> = [session.sessionName]
        let before = try Data(contentsOf: file)
        try journal.run("a boat", in: session)
        _ = journal.store.refresh(&index, sessions: names)
        #expect(try Data(contentsOf: file) == before)
        for _ in 0..<400 { try journal.run(String(repeating: "a boat ", count: 90), in: session) }
        _ = journal.store.refresh(&index, sessions: names)
        #expect(try Data(contentsOf: file).count > before.count)
        #expect(index.count == 402)
    }
}
