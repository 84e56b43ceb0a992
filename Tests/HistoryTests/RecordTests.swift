import Foundation
import Generation
import Hashing
import Testing

@testable import History

@Suite struct RecordTests {
    @Test func identifiersSurviveTheirTextAndSortByTime() throws {
        for _ in 0..<200 {
            let id = ULID()
            #expect(ULID(id.description) == id)
            #expect(ULID(id.description.lowercased()) == id)
        }
        let early = ULID(at: Date(timeIntervalSince1970: 1_000))
        let late = ULID(at: Date(timeIntervalSince1970: 1_000.001))
        #expect(early < late)
        #expect(early.description < late.description)
        #expect(abs(early.time.timeIntervalSince1970 - 1_000) < 0.001)
    }

    @Test(arguments: [
        "", "01JD", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01JD000000000000000000000I",
        "01JD00000000000000000000000",
    ])
    func whatIsNoIdentifierIsRefused(text: String) {
        #expect(ULID(text) == nil)
    }

    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (951_827_696.789, "2000-02-29T12:34:56.789Z"),
        (4_102_444_799.5, "2099-12-31T23:59:59.500Z"),
    ])
    func timesAreWrittenAndReadToTheMillisecond(seconds: Double, text: String) {
        #expect(RecordTime.text(of: Date(timeIntervalSince1970: seconds)) == text)
        let read = RecordTime.date(of: text)?.timeIntervalSince1970
        #expect(read.map { abs($0 - seconds) < 0.0005 } == true)
    }

    @Test(arguments: [
        "2026-13-01T00:00:00.000Z", "2026-01-01 00:00:00.000Z", "x", "2026-01-01T00:00:00Z",
    ])
    func otherTimesAreRefused(text: String) {
        #expect(RecordTime.date(of: text) == nil)
    }

    static let contents: [RecordContent] = {
        var request = GenerationRequest(prompt: "日本 \"quoted\" \n fox\u{1b}[31m")
        request.seeds = [.max, 0]
        request.loras = [LoRAReference(name: "ink", weight: -0.5)]
        let identity = EngineIdentity(program: "p", build: "b", cpuFeatures: ["z", "a"])
        let file = FileIdentity(role: "model", path: "/m", byteCount: 3, sha256: "ab")
        let image = SavedImage(
            index: 1, path: "images/é.png", seed: .max, width: 8, height: 16, pixelsSHA256: "cd",
            isFlagged: true)
        var summary = GenerationSummary(peakMemoryBytes: 5, modelHashes: ["model": "ab"])
        summary.timing.total = 1.5
        return [
            .opened(SessionOpened(session: ULID(), writer: ULID(), engine: identity)),
            .queued(
                QueuedJob(request: request, parent: ULID(), origin: .tweak, files: [file])),
            .started(StartedJob(request: request)), .started(StartedJob()),
            .accepted(AcceptedJob(taskID: "t-1")), .image(image),
            .finished(
                FinishedJob(
                    images: [image], summary: summary, warnings: ["w"], remote: ["credits": "3"])),
            .failed(FailedJob(summary: "s", hint: "h")),
            .failed(FailedJob(summary: "s", isResumable: true)), .cancelled, .interrupted,
            .starred(true),
            .starred(false), .tagged(TagChange(added: ["a"], removed: ["b"])), .rated(4),
            .noted("n"), .removed, .restored,
        ]
    }()

    @Test(arguments: contents)
    func everyRecordSurvivesItsLine(content: RecordContent) throws {
        let record = JournalRecord(
            time: Date(timeIntervalSince1970: 1_700_000_000.25), job: ULID(), content: content)
        let line = try record.line()
        #expect(line.last == 0x0A)
        #expect(line.count { $0 == 0x0A } == 1)
        #expect(RecordScanner.isWholeRecord(Array(line.dropLast())))
        #expect(try JournalRecord(line: Data(line.dropLast())) == record)
    }

    @Test func recordsOfANewerProgramAreUnknownNotDamaged() throws {
        let newer = #"{"version":2,"record":"queued","time":"2026-01-01T00:00:00.000Z","x":1}"#
        let other = #"{"version":1,"record":"dreamed","time":"2026-01-01T00:00:00.000Z"}"#
        #expect(
            try JournalRecord(line: Data(newer.utf8)).content
                == .unknown(kind: "queued", version: 2))
        #expect(
            try JournalRecord(line: Data(other.utf8)).content
                == .unknown(kind: "dreamed", version: 1))
        #expect(throws: (any Error).self) {
            try JournalRecord(job: nil, content: .unknown(kind: "x", version: 2)).line()
        }
    }

    @Test(arguments: [
        "", "{", "{}", "[]", "null", "{\"version\":1}", "{\"version\":1,\"record\":\"x\"}",
        "{\"version\":1,\"record\":\"x\",\"time\":\"2026-01-01T00:00:00.000Z\"",
        "{\"version\":1,\"record\":\"x\",\"time\":\"2026-01-01T00:00:00.000Z\"}}",
        "{\"version\":1,\"record\":\"x\",\"time\":\"2026-01-01T00:00:00.000Z\",\"a\":[1,{]}",
        "{\"version\":1,\"record\":\"x\",\"time\":\"2026-01-01T00:00:00.000Z\",\"job\":\"short\"}",
        "{\"version\":1,\"record\":\"x\",\"time\":\"2026-01-01T00:00:00.000Z\",\"a\":\"\\\"}",
    ])
    func halfARecordIsNotARecord(line: String) {
        #expect(!RecordScanner.isWholeRecord(Array(line.utf8)))
    }

    @Test func aScannerReadsMembersWhereverTheyStand() throws {
        let id = ULID()
        let line = """
            { "a" : {"b":[1,"]}"]}, "job":"\(id)" , "time":"2026-01-01T00:00:00.000Z", \
            "text":"x\\u00e9\\ud83d\\ude00\\n", "record":"k","version":1, "none":null }
            """
        try Array(line.utf8).withUnsafeBufferPointer { bytes in
            let scanner = try #require(RecordScanner(bytes))
            #expect(scanner.job == id)
            #expect(scanner.isKind("k"))
            #expect(scanner.value("none") == nil)
            let text = try #require(scanner.value("text"))
            #expect(String(decoding: bytes.text(at: text), as: UTF8.self) == "xé😀\n")
        }
    }
}
