import Foundation
import Generation
import Hashing
import Images
import Settings
import Testing

@testable import History

@Suite struct ExchangeTests {
    /// A journal with two jobs whose pictures exist, and one whose picture is gone.
    private func filled() throws -> (TemporaryJournal, [ULID]) {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        try Folders.create(journal.folders.images)
        let jobs = try (0..<3).map { number in
            var request = journal.request("job, \"\(number)\"\nline", seed: UInt64(number))
            request.negativePrompt = number == 0 ? "=SUM(A1)" : nil
            let job = try session.queue(QueuedJob(request: request))
            let pixels = try #require(
                PixelImage(width: 8, height: 8, rgb: [UInt8](repeating: UInt8(number), count: 192)))
            let url = journal.folders.images.appendingPathComponent("\(job)-0.png")
            if number < 2 { try Data(try pixels.encoded(as: .png)).write(to: url) }
            let image = SavedImage(
                index: 0, path: journal.store.recordedPath(of: url), seed: UInt64(number),
                width: 8, height: 8, pixelsSHA256: pixels.pixelsSHA256)
            try session.finished(job, FinishedJob(images: [image]))
            return job
        }
        session.close()
        return (journal, jobs)
    }

    private func all(_ journal: TemporaryJournal) throws -> [JobSummary] {
        var query = HistoryQuery()
        query.limit = 0
        return try journal.store.index().jobs(query).page
    }

    @Test(arguments: ["folder", "archive.zip"])
    func anExportCanBeReplayedElsewhereAndImported(name: String) throws {
        let (journal, jobs) = try filled()
        let summaries = try all(journal)
        try journal.store.annotate(summaries[0], .starred(true))
        let destination = journal.home.appendingPathComponent(name)
        let written = try JournalExport(store: journal.store).write(
            try all(journal), to: destination)
        #expect((written.jobs, written.pictures, written.missing.count) == (3, 2, 1))

        let other = try TemporaryJournal()
        let importer = JournalImport(store: other.store, engine: TemporaryJournal.engine)
        let read = try importer.run(destination)
        #expect((read.jobs, read.pictures) == (3, 2))
        #expect(try all(other).map(\.id) == summaries.map(\.id))
        #expect(try all(other).first?.isStarred == true)
        let details = try other.store.details(of: try #require(try all(other).last))
        #expect(details.request.prompt == "job, \"0\"\nline")
        #expect(details.engine == TemporaryJournal.engine)
        let picture = other.store.pictureURL(details.images[0].path, session: "x")
        #expect(try ImageFile.read(picture.path).pixelsSHA256 == details.images[0].pixelsSHA256)
        #expect(try importer.run(destination).jobs == 0)

        if name == "folder" {
            let session = destination.appendingPathComponent("session.jsonl").path
            let plan = try ReplayPlanner(store: other.store).plan([session])
            #expect(plan.items.map(\.source) == jobs.map { .job($0) })
            let url = try #require(plan.items[0].expected[0].url)
            #expect(url.path.hasPrefix(destination.path))
        }
    }

    @Test func otherProgramsReadTheArchive() throws {
        let (journal, _) = try filled()
        let destination = journal.home.appendingPathComponent("a.zip")
        _ = try JournalExport(store: journal.store).write(try all(journal), to: destination)
        let archive = try ZipReader(try Data(contentsOf: destination))
        #expect(archive.entries.count == 4)
        for entry in archive.entries { #expect(archive.content(of: entry) != nil) }
        let data = try Data(contentsOf: destination)
        for position in stride(from: 0, to: data.count, by: 11) {
            var damaged = data
            damaged[position] ^= 0x55
            guard let broken = try? ZipReader(damaged) else { continue }
            for entry in broken.entries { _ = broken.content(of: entry) }
        }
    }

    @Test func aHostileSessionReachesNoFileOutside() throws {
        let journal = try TemporaryJournal()
        let folder = journal.home.appendingPathComponent("evil")
        try Folders.create(folder)
        try Data("secret".utf8).write(to: journal.home.appendingPathComponent("secret.png"))
        let id = ULID()
        var lines: [UInt8] = []
        for content: RecordContent in [
            .queued(QueuedJob(request: journal.request("x"))),
            .finished(FinishedJob(images: [journal.image("../secret.png")])),
        ] {
            lines += try JournalRecord(job: id, content: content).line()
        }
        try Data(lines).write(to: folder.appendingPathComponent("session.jsonl"))
        let importer = JournalImport(store: journal.store, engine: TemporaryJournal.engine)
        let summary = try importer.run(folder)
        #expect((summary.jobs, summary.pictures) == (1, 0))
        #expect(!FileManager.default.fileExists(atPath: journal.folders.images.path))
        // Erasing such a job does not follow the path either.
        #expect(try journal.store.purge(try journal.summary(id)) == 0)
        #expect(
            FileManager.default.fileExists(
                atPath: journal.home.appendingPathComponent("secret.png").path))
    }

    @Test func picturesOfOtherToolsBecomeJobs() throws {
        let journal = try TemporaryJournal()
        let folder = journal.home.appendingPathComponent("pictures")
        try Folders.create(folder.appendingPathComponent("deep"))
        let pixels = PixelImage(width: 64, height: 64, filledWith: (9, 9, 9))
        let plain = Data(try pixels.encoded(as: .png))
        let text = "a fox\nSteps: 4, Sampler: Euler, CFG scale: 5, Seed: 11, RNG: CPU, Model: xl"
        let made = try PNGTextChunks.insert(
            [TextEntry(keyword: "parameters", text: text)], into: plain)
        try made.write(to: folder.appendingPathComponent("deep/a.png"))
        try plain.write(to: folder.appendingPathComponent("plain.png"))
        try Data("x".utf8).write(to: folder.appendingPathComponent("broken.jpg"))
        let importer = JournalImport(store: journal.store, engine: TemporaryJournal.engine)
        let summary = try importer.run(folder)
        #expect((summary.jobs, summary.notes.count) == (1, 2))
        let job = try #require(try all(journal).first)
        #expect((job.prompt, job.seed, job.model) == ("a fox", 11, "xl"))
        let details = try journal.store.details(of: job)
        #expect(details.origin == .imported)
        #expect(details.images[0].pixelsSHA256 == pixels.pixelsSHA256)
        #expect(try importer.run(folder).jobs == 0)
    }

    @Test func theTableQuotesAndDisarms() throws {
        let (journal, _) = try filled()
        let details = try all(journal).reversed().map { try journal.store.details(of: $0) }
        let table = ParameterTable.csv(details)
        let lines = table.components(separatedBy: "\r\n")
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("id,queuedAt,status,index,seed,path"))
        #expect(lines[1].contains("\"job, \"\"0\"\"\nline\""))
        #expect(lines[1].contains("'=SUM(A1)"))
    }

    @Test func aContactSheetShowsEveryPicture() throws {
        let pictures = (0..<5).map {
            PixelImage(width: 40, height: 20, filledWith: (UInt8($0 * 40 + 30), 0, 0))
        }
        let sheet = try #require(ContactSheet.draw(pictures, cell: 20))
        #expect((sheet.width, sheet.height) == (3 * 24 + 4, 2 * 24 + 4))
        let reds = Set(stride(from: 0, to: sheet.rgb.count, by: 3).map { sheet.rgb[$0] })
        #expect(reds == [24, 30, 70, 110, 150, 190])
        #expect(ContactSheet.draw([]) == nil)
        let many = try #require(ContactSheet.draw(pictures, columns: 1, cell: 100_000))
        #expect(max(many.width, many.height) <= ContactSheet.maximumSide)
    }

    @Test func erasingLeavesNoTrace() throws {
        let (journal, jobs) = try filled()
        let victim = try journal.summary(jobs[0])
        try journal.store.annotate(victim, .noted("private"))
        #expect(try journal.store.purge(victim) == 1)
        let url = journal.store.sessions.appendingPathComponent(victim.session)
        let text = try String(contentsOf: url, encoding: .utf8)
        #expect(!text.contains(jobs[0].description) && !text.contains("private"))
        #expect(try all(journal).map(\.id) == [jobs[2], jobs[1]])
        let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func aWriterNoticesThatItsFileWasReplaced() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let first = try journal.run("one", in: session)
        let second = try journal.run("two", in: session)
        _ = try journal.store.purge(try journal.summary(first))
        let third = try journal.run("three", in: session)
        #expect(try SessionContents.read(session.url).jobs.map(\.id) == [second, third])
    }

    @Test func theLastRemovedJobIsOfferedForUndo() throws {
        let (journal, jobs) = try filled()
        #expect(try journal.store.lastRemoved() == nil)
        for job in [jobs[2], jobs[0]] {
            try journal.store.annotate(try journal.summary(job), .removed)
        }
        #expect(try journal.store.lastRemoved()?.id == jobs[0])
    }

    @Test func aCheckFindsAndRepairs() throws {
        let (journal, jobs) = try filled()
        let name = try journal.summary(jobs[0]).session
        let url = journal.store.sessions.appendingPathComponent(name)
        var data = try Data(contentsOf: url)
        data.append(contentsOf: Array("bad line\n{\"version\":1,\"rec".utf8))
        try data.write(to: url)
        let picture = journal.folders.images.appendingPathComponent("\(jobs[1])-0.png")
        let other = PixelImage(width: 8, height: 8, filledWith: (200, 0, 0))
        try Data(try other.encoded(as: .png)).write(to: picture)

        let check = JournalCheck(store: journal.store)
        let found = try #require(try check.run(comparesPictures: true).first)
        #expect(found.damaged.count == 1 && found.hasTornTail && !found.isSound)
        #expect(found.missingPictures == ["images/\(jobs[2])-0.png"])
        #expect(found.changedPictures == ["images/\(jobs[1])-0.png"])
        _ = try check.run(repairs: true)
        let repaired = try #require(try check.run().first)
        #expect(repaired.isSound && repaired.jobs == 3)
        let side = try String(contentsOf: SessionFile.sideFile(of: url), encoding: .utf8)
        #expect(side.contains("bad line\n") && side.contains("{\"version\":1,\"rec"))
    }
}
