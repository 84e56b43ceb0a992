import FakeServers
import Foundation
import Generation
import Providers
import Testing

/// inference.sh's streams as server-sent events, and in pieces of every size.
@Suite(.serialized) struct InferenceShStreamTests {
    @Test(arguments: ["\n", "\r\n"], [3, 64, 1 << 20])
    func serverSentEventsAreRead(newline: String, piece: Int) async throws {
        let fake = try await FakeInference.start()
        fake.behave {
            $0.sendsEvents = true
            $0.newline = newline
            $0.sendsProgress = true
        }
        fake.server.inject(
            .trickle(piece: piece, pause: .zero), times: 9, on: "GET /tasks/task1/stream")
        let run = try await RemoteRun.run(fake)
        #expect(run.error == nil)
        #expect(run.images.count == 1)
        #expect(fake.server.requests("GET /tasks/task1/stream").count == 1)
        await fake.stop()
    }

    @Test func eventsThatBreakOffAreTakenUpWhereTheyEnded() async throws {
        let fake = try await FakeInference.start()
        fake.behave {
            $0.sendsEvents = true
            $0.streamCut = 2
            $0.pace = .milliseconds(300)
        }
        let run = try await RemoteRun.run(fake)
        #expect(run.images.count == 1)
        let streams = fake.server.requests("GET /tasks/task1/stream")
        try #require(streams.count > 1)
        #expect(streams[0].values(of: "Last-Event-ID").isEmpty)
        #expect(streams[1].value(of: "Last-Event-ID") == "2")
        await fake.stop()
    }

    @Test(arguments: [false, true], [false, true])
    func aStreamThatBreaksWithinAnUpdateIsTakenUpAgain(
        isEvents: Bool, resets: Bool
    ) async throws {
        let fake = try await FakeInference.start()
        fake.behave {
            $0.sendsEvents = isEvents
            $0.pace = .milliseconds(300)
        }
        fake.server.inject(
            .cutBody(after: 30, resets: resets), on: "GET /tasks/task1/stream")
        let run = try await RemoteRun.run(fake)
        #expect(run.error == nil)
        #expect(run.images.count == 1)
        #expect(fake.server.requests("GET /tasks/task1/stream").count == 2)
        #expect(fake.server.requests("POST /apps/run").count == 1)
        await fake.stop()
    }

    @Test func anErrorEventIsShownAndTheTaskFollowed() async throws {
        let fake = try await FakeInference.start()
        fake.behave {
            $0.sendsEvents = true
            $0.eventError = "the stream\u{1B}[2J is overloaded"
        }
        let run = try await RemoteRun.run(fake)
        #expect(run.images.count == 1)
        #expect(run.warnings.contains { $0.contains("is overloaded") })
        #expect(!run.text.contains("\u{1B}"))
        await fake.stop()
    }

    @Test func heartbeatsBetweenEventsHarmNothing() async throws {
        let fake = try await FakeInference.start()
        fake.behave {
            $0.sendsEvents = true
            $0.heartbeatsOnly = true
        }
        let run = try await RemoteRun.run(fake)
        #expect(run.images.count == 1)
        await fake.stop()
    }

    @Test(arguments: [false, true])
    func twoUpdatesInOnePieceAreTwoUpdates(isEvents: Bool) async throws {
        let fake = try await FakeInference.start()
        let whole = #"{"id":"task1","status":"running","progress":50}"#
        let last = #"{"id":"task1","status":"cancelled"}"#
        let text =
            isEvents
            ? "event: update\ndata: \(whole)\n\nevent: update\ndata: \(last)\n\n"
            : "\(whole)\n\(last)\n"
        fake.server.inject(
            .answer(
                .stream(isEvents ? "text/event-stream" : "application/x-ndjson") {
                    try await $0.write(text)
                }), on: "GET /tasks/task1/stream")
        let run = try await RemoteRun.run(fake)
        #expect(run.kind == .stopped)
        #expect(
            run.stages.contains {
                if case .sampling(25, 50, 0, 1) = $0 { true } else { false }
            })
        await fake.stop()
    }

    /// Lines of no meaning, odd types, unknown names and numbers: followed on, within the deadline.
    @Test func linesOfNoMeaningAreSkipped() async throws {
        let fake = try await FakeInference.start()
        let lines = [
            "", "not json", "[]", "null", "7", #"{"type":"heartbeat"}"#,
            #"{"event":"delta","data":{"delta":{},"seq":1}}"#, #"{"event":"other"}"#,
            #"{"data":null,"fields":["status"]}"#, #"{"data":{"status":99},"fields":["status"]}"#,
            #"{"data":{"status":"resting"},"fields":["status"]}"#,
            #"{"data":{"status":"7"},"fields":["status",5]}"#,
            #"{"data":{"output":null},"fields":["output"]}"#,
        ]
        fake.server.inject(
            .answer(
                .stream("application/x-ndjson") {
                    try await $0.write(lines.joined(separator: "\n") + "\n")
                }), on: "GET /tasks/task1/stream")
        let run = try await RemoteRun.run(fake)
        #expect(run.error == nil)
        #expect(run.images.count == 1)
        await fake.stop()
    }

    @Test(arguments: [WireJSON.null, [:], ["result": .null], ["result": ""], ["result": []]])
    func anOutputWithoutAPictureIsAnError(output: WireJSON) async throws {
        let fake = try await FakeInference.start()
        fake.behave { $0.output = output }
        let run = try await RemoteRun.run(fake)
        #expect(run.kind == .malformed)
        await fake.stop()
    }

    @Test func aRunThatWaitsIsOneCall() async throws {
        let fake = try await FakeInference.start()
        let run = try await RemoteRun.run(fake) { $0.extras["wait"] = "true" }
        #expect(run.error == nil)
        #expect(run.images.count == 1)
        #expect(fake.server.requests("GET /tasks/task1").isEmpty)
        fake.behave { $0.outcome = .failed("out of memory") }
        let failed = try await RemoteRun.run(fake) { $0.extras["wait"] = "true" }
        #expect(failed.kind == .failed)
        #expect(failed.text.contains("out of memory"))
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    /// 409 `invalid_transition`: the task had ended when it was to be stopped.
    @Test func stoppingWhatHasEndedIsNoError() async throws {
        let fake = try await FakeInference.start()
        fake.behave { $0.outcome = .never }
        fake.server.inject(
            .status(409, #"{"type":"/errors/invalid_transition","detail":"ended"}"#), times: 9,
            on: "POST /tasks/task1/cancel")
        let generator = try RemoteRun.generator(fake)
        let run = Task { await RemoteRun.run(generator, GenerationRequest(prompt: "x")) }
        #expect(await fake.server.hasReceived("GET /tasks/task1/stream"))
        run.cancel()
        _ = await run.value
        await generator.settle()
        #expect(fake.server.requests("POST /tasks/task1/cancel").count == 1)
        await fake.stop()
    }
}
