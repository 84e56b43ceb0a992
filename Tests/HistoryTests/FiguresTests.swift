import Foundation
import Generation
import Glibc
import Settings
import Testing

@testable import History

/// The journal's figures on 100,000 finished jobs in 200 sessions. Off unless asked for:
/// `LATENT_FIGURES=1 swift test -c release -Xswiftc -enable-testing --filter FiguresTests`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["LATENT_FIGURES"] != nil))
struct FiguresTests {
    @Test func aHundredThousandJobsAreListedAndSearched() throws {
        let journal = try TemporaryJournal()
        try Self.fill(journal, sessions: 200, jobsEach: 500)
        let store = journal.store
        let (count, rebuild) = try Self.measured { try store.index().count }
        #expect(count == 100_000)
        var query = HistoryQuery()
        let (page, list) = try Self.measured { try store.index().jobs(query).page }
        #expect(page.count == 50)
        query.text = "lighthouse 77"
        let (_, searchWithLoading) = try Self.measured { try store.index().jobs(query).total }
        let index = try store.index()
        let (found, search) = Self.measured { index.jobs(query).total }
        query.text = "zzqy unfindable"
        let (none, miss) = Self.measured { index.jobs(query).total }
        query.isFuzzy = true
        query.text = "lhs 77"
        let (similar, fuzzy) = Self.measured { index.jobs(query).total }
        #expect(found > 0 && none == 0 && similar > 0)
        let memory = Self.peakMemoryBytes / 1_000_000
        print(
            """
            rebuild \(rebuild) s, list (load and first page) \(list) s, \
            search \(search) s (with load \(searchWithLoading) s), miss \(miss) s, \
            fuzzy \(fuzzy) s, peak memory \(memory) MB
            """)
        #expect(rebuild < 5 && list < 0.3 && search < 0.1 && fuzzy < 0.1 && memory < 300)
    }

    @Test func appendingIsQuick() throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        var times: [String: [Double]] = [:]
        for number in 0..<300 {
            let request = journal.request("a prompt of ordinary length, detailed, \(number)")
            let (job, queuing) = try Self.measured {
                try session.queue(QueuedJob(request: request))
            }
            let (_, starting) = try Self.measured { try session.started(job) }
            let details = FinishedJob(images: [journal.image()])
            let (_, finishing) = try Self.measured { try session.finished(job, details) }
            times["queued (flushed)", default: []].append(queuing)
            times["started (not flushed)", default: []].append(starting)
            times["finished (flushed)", default: []].append(finishing)
        }
        for (name, values) in times.sorted(by: { $0.key < $1.key }) {
            let sorted = values.sorted()
            print("\(name): median \(sorted[150] * 1000) ms, 90 % \(sorted[270] * 1000) ms")
        }
    }

    /// Sessions as real ones are, written without flushing.
    private static func fill(
        _ journal: TemporaryJournal, sessions: Int, jobsEach: Int
    ) throws {
        try Folders.create(journal.store.sessions)
        var request = journal.request("")
        request.negativePrompt = "blurry, low quality, watermark, jpeg artefacts"
        request.sampler = .dpmpp2m
        for session in 0..<sessions {
            let start = Date(timeIntervalSince1970: 1_700_000_000 + Double(session) * 86_400)
            var lines: [UInt8] = []
            for number in 0..<jobsEach {
                let time = start + Double(number) * 60
                let job = ULID(at: time)
                request.prompt =
                    "a lighthouse on a cliff at sunset, storm \(number), cinematic light, "
                    + "highly detailed painting by candlelight, variation \(session * number)"
                request.seeds = [UInt64(number)]
                let records: [RecordContent] = [
                    .queued(QueuedJob(request: request)), .started(StartedJob()),
                    .finished(FinishedJob(images: [journal.image("images/\(job).png")])),
                ]
                for record in records {
                    lines += try JournalRecord(time: time, job: job, content: record).line()
                }
            }
            let day = RecordTime.text(of: start).prefix(10)
            let url = journal.store.sessions.appendingPathComponent(
                "\(day)-\(ULID(at: start)).jsonl")
            try Data(lines).write(to: url)
        }
    }

    private static func measured<Result>(
        _ work: () throws -> Result
    ) rethrows -> (result: Result, seconds: Double) {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try work()
        let spent = (clock.now - start).components
        return (result, Double(spent.seconds) + Double(spent.attoseconds) / 1e18)
    }

    private static var peakMemoryBytes: Int {
        var usage = rusage()
        getrusage(0, &usage)  // RUSAGE_SELF
        return usage.ru_maxrss * 1024
    }
}
