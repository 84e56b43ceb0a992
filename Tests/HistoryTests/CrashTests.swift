import Foundation
import Generation
import Glibc
import Settings
import Testing

@testable import History

/// Kills processes that write to the journal. 20 times in the ordinary suite;
/// `LATENT_KILLS=1000 swift test --filter CrashTests` for the long version.
@Suite struct CrashTests {
    @Test func noFinishedRecordIsLostWhenWritersAreKilled() throws {
        let journal = try TemporaryJournal()
        let kills = ProcessInfo.processInfo.environment["LATENT_KILLS"].flatMap { Int($0) } ?? 20
        var finished: Set<String> = []
        for _ in 0..<(kills + 1) / 2 {
            let writers = [try Writer(journal.home), try Writer(journal.home)]
            // One dies at any moment, also while it starts; the other in the midst of its work.
            usleep(UInt32.random(in: 20_000...120_000))
            writers[0].kill()
            writers[1].waitForWork()
            usleep(UInt32.random(in: 0...60_000))
            writers[1].kill()
            for writer in writers { finished.formUnion(writer.reported()) }
        }
        #expect(finished.count >= kills / 4, "the writers must have got to work")

        let interrupted = try journal.store.recoverInterrupted()
        let index = try journal.store.index()
        #expect(index.unreadableSessions.isEmpty)
        #expect(index.sessions.allSatisfy { $0.damagedLines == 0 })
        var query = HistoryQuery()
        query.limit = 0
        query.status = .finished
        let recorded = Set(index.jobs(query).page.map(\.id.description))
        #expect(finished.subtracting(recorded).isEmpty)
        #expect(interrupted.allSatisfy { !finished.contains($0.id.description) })
        query.status = .running
        #expect(index.jobs(query).total == 0)
        // What the cache collected while the files grew is what they hold.
        journal.store.dropIndex()
        query.status = nil
        #expect(try journal.store.index().jobs(query).page == index.jobs(query).page)
    }

    @Test func aFileThatCannotGrowKeepsWholeRecordsOnly() throws {
        let journal = try TemporaryJournal()
        let writer = try Writer(journal.home, "--file-limit", "30000")
        writer.wait()
        let lines = writer.reported()
        #expect(lines.last?.hasPrefix("refused") == true)
        let finished = lines.dropLast()
        #expect(finished.count > 3)
        let name = try #require(try journal.store.index().sessions.first?.name)
        let url = journal.store.sessions.appendingPathComponent(name)
        let contents = try SessionContents.read(url)
        #expect(contents.damaged.isEmpty && !contents.hasTornTail)
        #expect(
            Array(finished) == contents.jobs.filter { $0.status == .finished }.map(\.id.description)
        )
    }

    /// A running `journal-writer` and what it says.
    private final class Writer {
        private let process = Process()
        private let output = Pipe()

        init(_ home: URL, _ arguments: String...) throws {
            let executable: URL = try #require(Self.executable)
            process.executableURL = executable
            process.arguments = arguments
            process.environment = ["LATENT_HOME": home.path]
            process.standardOutput = output
            try process.run()
        }

        /// Beside the test bundle.
        private static var executable: URL? {
            let products = URL(fileURLWithPath: CommandLine.arguments[0])
                .deletingLastPathComponent()
            let candidates = [
                products, Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent(),
            ]
            return candidates.map { $0.appendingPathComponent("journal-writer") }
                .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        }

        /// Waits until it has reported a job, for at most a minute.
        func waitForWork() {
            var descriptor = pollfd(
                fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            poll(&descriptor, 1, 60_000)
        }

        func kill() { Glibc.kill(process.processIdentifier, SIGKILL) }

        func wait() { process.waitUntilExit() }

        /// The complete lines that it printed.
        func reported() -> [String] {
            let data = (try? output.fileHandleForReading.readToEnd()) ?? nil
            process.waitUntilExit()
            let text = String(decoding: data ?? Data(), as: UTF8.self)
            return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .map { String($0) }
        }
    }
}
