import Foundation
import Testing

@testable import History

@Suite struct LinkedSessionTests {
    @Test func aRepairKeepsTheLinkAndRepairsItsTarget() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        try journal.run("one", in: session)
        session.close()
        let target = journal.home.appendingPathComponent("elsewhere.jsonl")
        try FileManager.default.moveItem(at: session.url, to: target)
        let whole = try Data(contentsOf: target)
        try (whole + Data("garbage\n".utf8)).write(to: target)
        try FileManager.default.createSymbolicLink(at: session.url, withDestinationURL: target)
        _ = try JournalCheck(store: journal.store).run(repairs: true)
        let destination = try FileManager.default.destinationOfSymbolicLink(
            atPath: session.url.path)
        #expect(destination == target.path)
        #expect(try Data(contentsOf: target) == whole)
    }
}
