import FakeServers
import Foundation
import Generation
import Providers
import Testing

/// Questions about progress beside a call that hangs: one at a time, each for its own picture.
@Suite struct A1111ProgressTests {
    private func flow(seeds: [UInt64]) throws -> any RemoteFlow {
        let endpoint = Endpoint(URL(filePath: "/"))
        return try A1111().flow(
            for: RemoteJob(request: .small(seeds: seeds), endpoint: endpoint))
    }

    private func answer(_ json: String) -> HTTPResponse {
        HTTPResponse(status: 200, body: Array(json.utf8))
    }

    private func sent(_ commands: [FlowCommand]) -> [CallID] {
        commands.compactMap { if case .send(let call) = $0 { call.id } else { nil } }
    }

    private func stages(_ commands: [FlowCommand]) -> [Stage] {
        commands.compactMap { if case .report(.stage(let stage)) = $0 { stage } else { nil } }
    }

    private func waits(_ commands: [FlowCommand]) -> Int {
        commands.count { if case .wait = $0 { true } else { false } }
    }

    @Test func anAnswerThatComesLateIsNotTheNextPictures() throws {
        var flow = try flow(seeds: [1, 2])
        #expect(sent(try flow.handle(.start)) == ["samplers"])
        var commands = try flow.handle(.response("samplers", answer(#"[{"name": "Euler"}]"#)))
        #expect(sent(commands) == ["picture"])
        #expect(waits(commands) == 1)
        #expect(sent(try flow.handle(.timer("poll"))) == ["progress-0"])
        commands = try flow.handle(.response("picture", answer(#"{"images": ["AAAA"]}"#)))
        // The next picture begins; the question about the first is left to end by itself.
        #expect(sent(commands) == ["picture"])
        #expect(waits(commands) == 0)
        #expect(!commands.contains { if case .stop = $0 { true } else { false } })
        let late = answer(
            #"{"progress": 0.9, "state": {"sampling_step": 3, "sampling_steps": 4}}"#)
        commands = try flow.handle(.response("progress-0", late))
        #expect(stages(commands) == [])
        #expect(waits(commands) == 1)
        #expect(sent(try flow.handle(.timer("poll"))) == ["progress-1"])
        commands = try flow.handle(.response("progress-1", late))
        #expect(stages(commands) == [.sampling(step: 3, count: 4, image: 1, imageCount: 2)])
    }

    /// The answers about samplers and schedules come in either order.
    @Test(arguments: [["samplers", "schedulers"], ["schedulers", "samplers"]])
    func theOrderOfAnswersDoesNotMatter(order: [String]) throws {
        var request = GenerationRequest.small()
        (request.sampler, request.schedule) = (.euler, .karras)
        var flow = try A1111().flow(
            for: RemoteJob(request: request, endpoint: Endpoint(URL(filePath: "/"))))
        _ = try flow.handle(.start)
        var commands: [FlowCommand] = []
        for name in order {
            let response =
                name == "samplers" ? answer(#"[{"name": "Euler"}]"#) : HTTPResponse(status: 404)
            commands = try flow.handle(.response(CallID(name), response))
        }
        let body = commands.compactMap { command -> HTTPRequest.Body? in
            if case .send(let call) = command { call.request.body } else { nil }
        }.first
        guard case .bytes(let bytes) = body else { throw CocoaError(.coderValueNotFound) }
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""Euler Karras""#))
    }

    @Test func noQuestionIsBrokenOffBetweenPictures() async throws {
        let fake = try await FakeA1111.start()
        // Answers to questions take longer than a picture does.
        fake.server.inject(.delay(.milliseconds(40)), times: 3, on: "GET /sdapi/v1/progress")
        let run = try await ServerRun.run(
            .small(seeds: [1, 2, 3, 4, 5, 6]), A1111(), at: fake.baseURL)
        #expect(run.images.map(\.seed) == [1, 2, 3, 4, 5, 6])
        #expect(fake.server.connectionCount <= 2)
        await fake.stop()
    }
}
