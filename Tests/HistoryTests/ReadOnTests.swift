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
        let first = try journal.store.index()
        let boat = try journal.run("a Boat", in: session)
        try journal.store.annotate(try journal.summary(fox), .starred(true))
        let names: Set<String> = [session.sessionName]
        let second = journal.store.refreshed(first, sessions: names)
        journal.store.dropIndex()
        #expect(
            try journal.store.index().jobs(HistoryQuery()).page == second.jobs(HistoryQuery()).page)
        let changes = second.changes(ofSession: session.sessionName, since: first)
        #expect(Set(changes.changed.map(\.id)) == [fox, boat])
        #expect(changes.gone.isEmpty)
        let third = journal.store.refreshed(second, sessions: names)
        #expect(third.changes(ofSession: session.sessionName, since: second).changed.isEmpty)
    }

    @Test("notices a session that was written anew, and one that is gone")
    func rewritten() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let jobs = try ["a red fox", "a boat", "an owl"].map { try journal.run($0, in: session) }
        let names: Set<String> = [session.sessionName]
        let first = try journal.store.index()
        let lines = try String(contentsOf: session.url, encoding: .utf8).split(separator: "\n")
        let kept = lines.filter { !$0.contains(jobs[1].description) }.joined(separator: "\n") + "\n"
        try kept.write(to: session.url, atomically: true, encoding: .utf8)
        let second = journal.store.refreshed(first, sessions: names)
        let changes = second.changes(ofSession: session.sessionName, since: first)
        #expect(changes.changed.isEmpty)
        #expect(changes.gone == [jobs[1]])
        try FileManager.default.removeItem(at: session.url)
        let third = journal.store.refreshed(second, sessions: names)
        let gone = third.changes(ofSession: session.sessionName, since: second).gone
        #expect(Set(gone) == [jobs[0], jobs[2]])
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
        index = journal.store.refreshed(index, sessions: names)
        #expect(try Data(contentsOf: file) == before)
        for _ in 0..<400 { try journal.run(String(repeating: "a boat ", count: 90), in: session) }
        index = journal.store.refreshed(index, sessions: names)
        #expect(try Data(contentsOf: file).count > before.count)
        #expect(index.count == 402)
    }
}
