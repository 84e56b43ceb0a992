import Foundation
import Generation
import Testing

@testable import History

/// Random damage to session files: whatever the index and the full reading say, they say the same
/// about intact jobs and never crash. `LATENT_FUZZ_SECONDS` makes it long.
@Suite struct JournalFuzzTests {
    @Test func damagedSessionsAreReadWithoutACrash() throws {
        let seconds =
            ProcessInfo.processInfo.environment["LATENT_FUZZ_SECONDS"]
            .flatMap { Double($0) } ?? 1
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        for number in 0..<4 {
            let job = try journal.run("job \(number) \u{1b}[2J 🦊 \"x\"", in: session)
            try journal.store.annotate(
                try journal.summary(job), .tagged(TagChange(added: ["a\"b"])))
        }
        session.close()
        let intact = try [UInt8](Data(contentsOf: session.url))
        let deadline = ContinuousClock.now + .seconds(seconds)
        var count = 0
        while ContinuousClock.now < deadline {
            try Data(Self.damaged(intact)).write(to: session.url)
            // Damage keeps the inode, often the size, and within a clock tick even the time.
            journal.store.dropIndex()
            let contents = try SessionContents.read(session.url)
            let index = try journal.store.index()
            var query = HistoryQuery()
            query.limit = 0
            let listed = Set(index.jobs(query).page.map(\.id))
            // The full reading is stricter, so it never knows a job that the index does not.
            #expect(Set(contents.jobs.filter { !$0.isRemoved }.map(\.id)).isSubset(of: listed))
            query.text = "job"
            query.isFuzzy = true
            _ = index.jobs(query)
            _ = index.lineage.roots
            _ = try? journal.store.recoverInterrupted()
            count += 1
        }
        #expect(count > 5)
    }

    private static func damaged(_ intact: [UInt8]) -> [UInt8] {
        var bytes = intact
        for _ in 0..<Int.random(in: 1...6) {
            guard !bytes.isEmpty else { break }
            let position = Int.random(in: 0..<bytes.count)
            switch Int.random(in: 0..<6) {
            case 0: bytes[position] = UInt8.random(in: 0...255)
            case 1: bytes.removeSubrange(position...)
            case 2: bytes.insert(contentsOf: bytes[..<min(500, bytes.count)], at: position)
            case 3: bytes.removeSubrange(position..<min(position + 50, bytes.count))
            case 4: bytes.insert(contentsOf: Array("[{[\"\\u00".utf8), at: position)
            default: bytes[position] ^= 1 << UInt8.random(in: 0..<8)
            }
        }
        // A whole last line without its feed counts for a reader, and for the index once it has one.
        return bytes + [0x0A]
    }
}
