import Foundation
import Generation
import Hashing
import Settings
import Testing

@testable import History

@Suite struct JournalStoreTests {
    @Test func aFinishedJobIsReadBackWhole() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let parent = try journal.run("first", in: session)
        var request = journal.request("second 🦊", seed: .max)
        request.negativePrompt = "blurry"
        let file = FileIdentity(role: "model", path: "/m", byteCount: 1, sha256: "ab")
        let job = try session.queue(
            QueuedJob(request: request, parent: parent, origin: .tweak, files: [file]))
        try session.started(job)
        try session.saved(job, journal.image())
        try session.finished(
            job, FinishedJob(images: [journal.image()], warnings: ["w"], remote: ["credits": "2"]))

        let summary = try journal.summary(job)
        #expect(summary.status == .finished)
        #expect(summary.prompt == "second 🦊")
        #expect(summary.negativePrompt == "blurry")
        #expect(summary.parent == parent)
        #expect(summary.seed == .max)
        #expect((summary.width, summary.height, summary.steps) == (64, 64, 4))
        #expect(summary.imageCount == 1)
        #expect(summary.firstImage == "images/a.png")

        let details = try journal.store.details(of: summary)
        #expect(details.request == request)
        #expect(details.engine == TemporaryJournal.engine)
        #expect(details.files == [file])
        #expect(details.images == [journal.image()])
        #expect(details.remote == ["credits": "2"])
        #expect(details.origin == .tweak)
    }

    @Test func onlyTheOwnerCanReadSessions() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        try journal.run("a", in: session)
        func mode(_ url: URL) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int
        }
        #expect(try mode(session.url) == 0o600)
        #expect(try mode(journal.store.sessions) == 0o700)
    }

    @Test func aSessionWithoutJobsLeavesNoFile() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        session.close()
        #expect(try journal.store.index().count == 0)
        #expect(!FileManager.default.fileExists(atPath: session.url.path))
    }

    @Test func annotationsAddUpAndCanBeTakenBack() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let job = try journal.run("a", in: session)
        let summary = try journal.summary(job)
        for content: RecordContent in [
            .starred(true), .tagged(TagChange(added: ["x", "y"])), .rated(4), .noted("note"),
            .tagged(TagChange(added: ["z"], removed: ["x"])), .removed,
        ] {
            try journal.store.annotate(summary, content)
        }
        let changed = try journal.summary(job)
        #expect(changed.isStarred)
        #expect(changed.tags == ["y", "z"])
        #expect(changed.rating == 4)
        #expect(changed.note == "note")
        #expect(changed.isRemoved)
        #expect(try journal.store.index().jobs(HistoryQuery()).total == 0)
        try journal.store.annotate(summary, .restored)
        try journal.store.annotate(summary, .starred(false))
        #expect(try journal.store.index().jobs(HistoryQuery()).total == 1)
        let details = try journal.store.details(of: summary)
        #expect(!details.isStarred && !details.isRemoved && details.tags == ["y", "z"])
    }

    @Test func aJobWhoseProcessIsGoneIsInterruptedOnce() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let running = try session.queue(QueuedJob(request: journal.request("running")))
        try session.started(running)
        #expect(try journal.store.recoverInterrupted().isEmpty)
        session.close()
        let found = try journal.store.recoverInterrupted()
        #expect(found.map(\.id) == [running])
        #expect(try journal.summary(running).status == .interrupted)
        #expect(try journal.store.recoverInterrupted().isEmpty)
    }

    @Test func twoWritersShareTheSessionOfTheDay() throws {
        let journal = try TemporaryJournal()
        let one = journal.store.joinDailySession(TemporaryJournal.engine)
        let two = journal.store.joinDailySession(
            EngineIdentity(program: "other", build: "2", cpuFeatures: []))
        let first = try journal.run("one", in: one)
        let second = try journal.run("two", in: two)
        let third = try journal.run("three", in: one)
        let contents = try SessionContents.readSession(at: one.url)
        #expect(contents.jobs.map(\.id) == [first, second, third])
        #expect(
            contents.jobs.map { $0.engine?.program } == ["latent 0.1.0", "other", "latent 0.1.0"])
    }

    @Test func failuresAndCancellationsAreRecorded() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let failed = try session.queue(QueuedJob(request: journal.request("a")))
        try session.failed(failed, JournalError.badValue("bad\u{1b}[31m"))
        let cancelled = try session.queue(QueuedJob(request: journal.request("b")))
        try session.cancelled(cancelled)
        #expect(try journal.summary(failed).status == .failed)
        #expect(try journal.summary(cancelled).status == .cancelled)
        let details = try journal.store.details(of: try journal.summary(failed))
        #expect(details.failure?.summary == "bad [31m")
    }

    /// A service has the job, though its program was told of an error: somebody can come back for it.
    @Test func whatAServiceKeepsCountsAsInterrupted() throws {
        struct Lost: ResumableError {
            let summary = "the connection broke"
            let hint: String? = nil
            let isResumable: Bool
        }
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        var jobs: [Bool: ULID] = [:]
        for isResumable in [true, false] {
            let job = try session.queue(QueuedJob(request: journal.request("a")))
            try session.accepted(job, taskID: "task-1")
            try session.failed(job, Lost(isResumable: isResumable))
            jobs[isResumable] = job
        }
        let kept = try #require(jobs[true])
        let failed = try #require(jobs[false])
        #expect(try journal.summary(kept).status == .interrupted)
        #expect(try journal.summary(failed).status == .failed)
        let details = try journal.store.details(of: try journal.summary(kept))
        #expect(details.status == .interrupted)
        #expect(details.failure?.summary == "the connection broke")
        #expect(details.taskID == "task-1")
        #expect(try journal.store.index().untakenJobs.map(\.id) == [kept])
        #expect(try journal.store.recoverInterrupted().isEmpty, "it is over for its program")
    }

    @Test func picturesInTheDataFolderAreRecordedRelatively() throws {
        let journal = try TemporaryJournal()
        let inside = journal.folders.images.appendingPathComponent("a.png")
        #expect(journal.store.recordedPath(of: inside) == "images/a.png")
        #expect(journal.store.recordedPath(of: URL(fileURLWithPath: "/x/b.png")) == "/x/b.png")
        let resolved = journal.store.pictureURL("images/a.png", session: "s.jsonl")
        #expect(resolved.path == inside.path)
    }
}
