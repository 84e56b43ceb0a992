import Generation
import Testing

@Suite struct FakeGeneratorTests {
    @Test func eventsComeInOrderAndRecordTheDefaults() async throws {
        var request = GenerationRequest(prompt: "x")
        request.seeds = [3, 4]
        var events: [GenerationEvent] = []
        for try await event in FakeGenerator().generate(request, options: ExecutionOptions()) {
            events.append(event)
        }
        guard case .started(let resolved) = events.first else {
            Issue.record("the first event is not .started")
            return
        }
        #expect(resolved.steps == 4 && resolved.width == 64)
        #expect(events.compactMap(seed(of:)) == [3, 4])
        guard case .finished = events.last else {
            Issue.record("the last event is not .finished")
            return
        }
    }

    @Test func problemsAreThrownBeforeAnyWork() async {
        var request = GenerationRequest(prompt: "x")
        request.steps = 0
        await #expect(throws: InvalidRequest.self) {
            for try await _ in FakeGenerator().generate(request, options: ExecutionOptions()) {}
        }
    }

    @Test func cancellingTheConsumerStopsTheWork() async throws {
        let fake = FakeGenerator(stepDuration: .seconds(60))
        let consumer = Task {
            for try await _ in fake.generate(GenerationRequest(prompt: "x"), options: .init()) {}
            try Task.checkCancellation()
        }
        consumer.cancel()
        await #expect(throws: CancellationError.self) { try await consumer.value }
    }

    private func seed(of event: GenerationEvent) -> UInt64? {
        guard case .image(let image) = event else { return nil }
        return image.seed
    }
}
