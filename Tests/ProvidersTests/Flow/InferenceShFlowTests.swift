import FakeServers
import Foundation
import Generation
import Providers
import Testing

@Suite(.serialized) struct InferenceShFlowTests {
    @Test(
        arguments: [FakeInference.Behaviour.Envelope.data, .bare, .successFlag],
        [FakeInference.Behaviour.Numbering.current, .words])
    func everyEnvelopeAndNumberingIsRead(
        envelope: FakeInference.Behaviour.Envelope, numbering: FakeInference.Behaviour.Numbering
    ) async throws {
        // The envelope with a success flag comes with the old numbers.
        if envelope == .successFlag, numbering == .current { return }
        let fake = try await FakeInference.start()
        fake.behave {
            $0.envelope = envelope
            $0.numbering = numbering
        }
        let run = try await RemoteRun.run(fake)
        #expect(run.error == nil)
        #expect(run.images.count == 1)
        #expect(run.taskID == "task1")
        await fake.stop()
    }

    @Test(arguments: [FakeInference.Behaviour.Envelope.data, .successFlag])
    func theOldNumbersAreRead(envelope: FakeInference.Behaviour.Envelope) async throws {
        let fake = try await FakeInference.start()
        fake.behave {
            $0.envelope = envelope
            $0.numbering = .old
        }
        #expect(try await RemoteRun.run(fake).images.count == 1)
        fake.behave { $0.outcome = .failed("out of memory") }
        let failed = try await RemoteRun.run(fake)
        #expect(failed.kind == .failed)
        #expect(failed.text.contains("out of memory"))
        await fake.stop()
    }

    @Test(arguments: ["\n", "\r\n"], [true, false])
    func updatesAreReadWholeOrInPart(newline: String, isPartial: Bool) async throws {
        let fake = try await FakeInference.start()
        fake.behave {
            $0.newline = newline
            $0.sendsPartialUpdates = isPartial
            $0.wrapsFiles = true
            $0.sendsProgress = true
        }
        fake.server.inject(
            .trickle(piece: 7, pause: .milliseconds(1)), on: "GET /tasks/task1/stream")
        #expect(try await RemoteRun.run(fake).images.count == 1)
        await fake.stop()
    }

    @Test func aStreamThatEndsEarlyIsTakenUpAgain() async throws {
        let fake = try await FakeInference.start()
        fake.behave {
            $0.streamCut = 1
            $0.pace = .milliseconds(300)
        }
        let run = try await RemoteRun.run(fake)
        #expect(run.images.count == 1)
        #expect(fake.server.requests("GET /tasks/task1/stream").count > 1)
        #expect(fake.server.requests("POST /apps/run").count == 1)
        await fake.stop()
    }

    @Test func heartbeatsAloneLeadToAQuestion() async throws {
        let fake = try await FakeInference.start()
        fake.behave { $0.heartbeatsOnly = true }
        let run = try await RemoteRun.run(fake)
        #expect(run.images.count == 1)
        #expect(!fake.server.requests("GET /tasks/task1").isEmpty)
        await fake.stop()
    }

    @Test func aStreamThatIsRefusedIsReplacedByQuestions() async throws {
        let fake = try await FakeInference.start()
        fake.server.inject(.status(404, "{}"), times: 99, on: "GET /tasks/task1/stream")
        let run = try await RemoteRun.run(fake)
        #expect(run.images.count == 1)
        #expect(fake.server.requests("GET /tasks/task1/stream").count == 1)
        #expect(!fake.server.requests("GET /tasks/task1/status").isEmpty)
        await fake.stop()
    }

    @Test func theOlderRouteIsFound() async throws {
        let fake = try await FakeInference.start()
        fake.behave { $0.onlyOldRoute = true }
        #expect(try await RemoteRun.run(fake).images.count == 1)
        let new = try #require(fake.server.requests("POST /apps/run").first)
        let old = try #require(fake.server.requests("POST /run").first)
        #expect(old.body == new.body)
        #expect(old.value(of: "Authorization") == new.value(of: "Authorization"))
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test func aTaskWithoutBalanceIsACreditProblem() async throws {
        let fake = try await FakeInference.start()
        fake.behave { $0.outcome = .rejected }
        let run = try await RemoteRun.run(fake)
        #expect(run.kind == .credits)
        #expect(run.text.contains("insufficient balance"))
        #expect(run.taskID == nil)
        await fake.stop()
    }

    /// The envelope of old refuses with a success of HTTP and a status of its own.
    @Test(arguments: [(401, RemoteError.Kind.key), (402, .credits), (429, .limited)])
    func aRefusalInsideASuccessIsRead(status: Int, kind: RemoteError.Kind) async throws {
        let fake = try await FakeInference.start()
        let text = #"{"success": false, "status": \#(status), "error": {"message": "not so"}}"#
        fake.server.inject(.status(200, text), on: "POST /apps/run")
        let run = try await RemoteRun.run(fake)
        #expect(run.kind == kind)
        #expect(run.text.contains("not so"))
        await fake.stop()
    }

    @Test func aTaskThatTheServiceStopsIsNotCalledFailed() async throws {
        let fake = try await FakeInference.start()
        fake.behave { $0.outcome = .cancelledByService }
        #expect(try await RemoteRun.run(fake).kind == .stopped)
        await fake.stop()
    }

    @Test func warningsOfTheEnvelopeAreShown() async throws {
        let fake = try await FakeInference.start()
        fake.behave {
            $0.messages = [
                ["level": "warning", "code": "slow", "message": "cold \u{1B}[2Jstart"],
                ["level": "info", "code": "x", "message": "hello"],
            ]
        }
        let run = try await RemoteRun.run(fake)
        #expect(run.warnings.count == 1)
        #expect(run.warnings.first?.contains("cold") == true)
        #expect(run.warnings.first?.contains("\u{1B}") == false)
        await fake.stop()
    }

    @Test func aResultIsFetchedLaterByItsTask() async throws {
        let fake = try await FakeInference.start()
        var options = ExecutionOptions()
        options.remote.leavesWhenAccepted = true
        let request = GenerationRequest(prompt: "later")
        let first = await RemoteRun.run(try RemoteRun.generator(fake), request, options)
        #expect(first.error == nil)
        #expect(first.images.isEmpty)
        let task = try #require(first.taskID)
        options = ExecutionOptions()
        options.remote.resumedTaskID = task
        let second = await RemoteRun.run(try RemoteRun.generator(fake), request, options)
        #expect(second.images.count == 1)
        #expect(fake.server.requests("POST /apps/run").count == 1)
        #expect(fake.server.requests("POST /tasks/task1/cancel").isEmpty)
        await fake.stop()
    }

    @Test func stoppingTellsTheService() async throws {
        let fake = try await FakeInference.start()
        fake.behave { $0.outcome = .never }
        let generator = try RemoteRun.generator(fake)
        let run = Task { await RemoteRun.run(generator, GenerationRequest(prompt: "x")) }
        #expect(await fake.server.hasReceived("GET /tasks/task1/stream"))
        run.cancel()
        #expect(await fake.server.hasReceived("POST /tasks/task1/cancel"))
        _ = await run.value
        await generator.settle()
        #expect(fake.server.requests("POST /tasks/task1/cancel").count == 1)
        #expect(fake.server.requests("POST /tasks/task1/cancel").first?.text == "{}")
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test func aRunThatIsStoppedWhileItIsSubmittedIsStoppedThere() async throws {
        let fake = try await FakeInference.start()
        fake.behave { $0.outcome = .never }
        fake.server.inject(.delay(.milliseconds(200)), on: "POST /apps/run")
        let generator = try RemoteRun.generator(fake)
        let run = Task { await RemoteRun.run(generator, GenerationRequest(prompt: "x")) }
        #expect(await fake.server.hasReceived("POST /apps/run"))
        run.cancel()
        _ = await run.value
        await generator.settle()
        #expect(fake.server.requests("POST /tasks/task1/cancel").count == 1)
        await fake.stop()
    }
}
