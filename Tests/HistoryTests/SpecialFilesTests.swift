import Foundation
import Glibc
import Testing

@testable import History

/// Things in the folder of sessions that have a session's name and are none.
@Suite struct SpecialFilesTests {
    @Test func foldersAndPipesAreSkippedWithANote() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        try journal.run("one", in: session)
        session.close()
        let pipe = journal.store.sessions.appendingPathComponent("pipe.jsonl")
        try #require(mkfifo(pipe.path, 0o600) == 0)
        // Somebody has the pipe open, so that a reader which does not look fails and never waits.
        let holder = open(pipe.path, O_RDWR | O_NONBLOCK)
        defer { close(holder) }
        let folder = journal.store.sessions.appendingPathComponent("folder.jsonl")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect(try journal.store.index().sessions.count == 1)
        let findings = try JournalCheck(store: journal.store).run(repairs: true)
        let strange = findings.filter { $0.session != session.sessionName }
        #expect(strange.map(\.session) == ["folder.jsonl", "pipe.jsonl"])
        for finding in strange {
            #expect(finding.isSound)
            #expect(finding.failure?.contains("is not a regular file") == true)
        }
        #expect(throws: JournalError.notARegularFile(file: pipe.path)) {
            try SessionContents.readSession(at: pipe)
        }
        #expect(throws: JournalError.notARegularFile(file: pipe.path)) {
            try SessionFile(url: pipe)
        }
    }
}
