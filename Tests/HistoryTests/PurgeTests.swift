import Foundation
import Settings
import Testing

@testable import History

@Suite struct PurgeTests {
    @Test func theCachedIndexForgetsTheJobToo() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let job = try journal.run("something secret", in: session)
        try journal.run("else", in: session)
        let summary = try journal.summary(job)
        #expect(try cached(journal).contains("something secret"))
        _ = try journal.store.purge(summary)
        #expect(try !cached(journal).contains("something secret"))
    }

    /// All bytes of the cache, as text.
    private func cached(_ journal: TemporaryJournal) throws -> String {
        let folder = journal.folders.cache.appendingPathComponent("history")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).map {
            String(decoding: try Data(contentsOf: folder.appendingPathComponent($0)), as: UTF8.self)
        }.joined()
    }
}
