import Foundation
import Generation
import Settings
import Testing

@testable import History

@Suite struct DamageTests {
    /// A session with two finished jobs, then `tail` as a crash might leave it.
    private func journal(endingWith tail: [UInt8]) throws -> (TemporaryJournal, URL, [ULID]) {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let jobs = [try journal.run("one", in: session), try journal.run("two", in: session)]
        session.close()
        var data = try Data(contentsOf: session.url)
        data.append(contentsOf: tail)
        try data.write(to: session.url)
        return (journal, session.url, jobs)
    }

    @Test func halfALineIsSetAsideByTheNextAppend() throws {
        let torn = Array(#"{"version":1,"record":"queued","time":"2026-0"#.utf8)
        let (journal, url, jobs) = try journal(endingWith: torn)
        #expect(try SessionContents.read(url).hasTornTail)
        try journal.store.annotate(try journal.summary(jobs[0]), .starred(true))
        let contents = try SessionContents.read(url)
        #expect(!contents.hasTornTail && contents.damaged.isEmpty)
        #expect(contents.jobs.map(\.isStarred) == [true, false])
        #expect(try Data(contentsOf: SessionFile.sideFile(of: url)) == Data(torn + [0x0A]))
    }

    @Test func aWholeLineWithoutItsFeedIsKept() throws {
        let id = ULID()
        let request = try TemporaryJournal().request("three")
        let line = try JournalRecord(job: id, content: .queued(QueuedJob(request: request))).line()
        let (journal, url, jobs) = try journal(endingWith: line.dropLast())
        try journal.store.annotate(try journal.summary(jobs[0]), .starred(true))
        let contents = try SessionContents.read(url)
        #expect(contents.jobs.map(\.id) == jobs + [id])
        #expect(!FileManager.default.fileExists(atPath: SessionFile.sideFile(of: url).path))
    }

    @Test func aTornTailOfManyPiecesIsFound() throws {
        let torn = [UInt8](repeating: 0x41, count: 300_000)
        let (journal, url, jobs) = try journal(endingWith: torn)
        try journal.store.annotate(try journal.summary(jobs[0]), .starred(true))
        #expect(try SessionContents.read(url).damaged.isEmpty)
        #expect(try Data(contentsOf: SessionFile.sideFile(of: url)).count == torn.count + 1)
    }

    @Test func damageInTheMiddleLeavesTheRestUsable() throws {
        let (journal, url, jobs) = try journal(
            endingWith: Array("garbage\u{1b}[2J\n\n{\"version\":1}\n".utf8) + [0xFF, 0x00, 0x0A])
        try journal.store.annotate(try journal.summary(jobs[1]), .rated(5))
        let contents = try SessionContents.read(url)
        #expect(contents.jobs.map(\.rating) == [0, 5])
        #expect(contents.damaged.count == 3)
        #expect(try journal.store.index().sessions.first?.damagedLines == 3)
    }

    @Test func recordsOfANewerProgramStayAndAreCounted() throws {
        let newer = "{\"version\":7,\"record\":\"dream\",\"time\":\"2030-01-01T00:00:00.000Z\"}\n"
        let (journal, url, jobs) = try journal(endingWith: Array(newer.utf8))
        try journal.store.annotate(try journal.summary(jobs[1]), .rated(5))
        #expect(try String(contentsOf: url, encoding: .utf8).contains(newer))
        #expect(try SessionContents.read(url).unknown == ["dream": 1])
        #expect(try journal.store.index().sessions.first?.unknownRecords == 1)
    }

    @Test(arguments: ["", "not a session", "{\"a\":1}\n", "\u{FEFF}\n\n"])
    func aForeignFileIsNotASession(text: String) throws {
        let journal = try TemporaryJournal()
        let url = journal.home.appendingPathComponent("foreign.jsonl")
        try Data(text.utf8).write(to: url)
        #expect(throws: JournalError.self) { try SessionContents.readSession(at: url) }
    }

    @Test func deepNestingCostsNothing() throws {
        let deep =
            "{\"version\":1,\"record\":\"x\",\"time\":\"2026-01-01T00:00:00.000Z\",\"a\":"
            + String(repeating: "[", count: 1_000_000) + String(repeating: "]", count: 1_000_000)
            + "}\n"
        let (journal, url, jobs) = try journal(endingWith: Array(deep.utf8))
        let contents = try SessionContents.read(url)
        #expect(contents.jobs.map(\.id) == jobs)
        #expect(try journal.store.index().count == 2)
    }

    @Test func anOverlongLineIsNotHeldInMemory() throws {
        let long = Data(repeating: 0x41, count: LineReader.maximumLineBytes + 5_000_000)
        let (journal, url, jobs) = try journal(endingWith: [UInt8](long + [0x0A]))
        let contents = try SessionContents.read(url)
        #expect(contents.jobs.map(\.id) == jobs)
        #expect(contents.damaged.map(\.byteCount) == [long.count])
        #expect(try journal.store.index().sessions.first?.damagedLines == 1)
    }

    @Test func aFullDiskIsAClearErrorWithoutHalfARecord() throws {
        let device = try SessionFile(url: URL(fileURLWithPath: "/dev/full"))
        defer { device.close() }
        #expect(throws: JournalError.diskFull(file: "/dev/full")) {
            try device.locked { try device.append(Array("x\n".utf8), isDurable: true) }
        }
    }

    @Test func anUnwritableFolderIsAClearError() throws {
        let journal = try TemporaryJournal()
        try Data().write(to: journal.folders.data)
        let session = journal.store.openSession(TemporaryJournal.engine)
        #expect(throws: JournalError.self) { try journal.run("a", in: session) }
    }
}
