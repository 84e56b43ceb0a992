import FakeServers
import Generation
import Providers
import Testing

@Suite(.serialized) struct SegmindWireTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let change: @Sendable (inout GenerationRequest) -> Void
        let value: WireJSON
        var testDescription: String { name }

        init(
            _ name: String, _ value: WireJSON,
            _ change: @escaping @Sendable (inout GenerationRequest) -> Void = { _ in }
        ) {
            self.name = name
            self.change = change
            self.value = value
        }
    }

    static let rows: [Row] = [
        Row("prompt", "a lighthouse"),
        Row("negative_prompt", "fog") { $0.negativePrompt = "fog" },
        Row("style", "anime") { $0.extras["style"] = "anime" },
        Row("samples", 1),
        Row("samples", 3) { $0.seeds = [1, 2, 3] },
        Row("scheduler", "UniPC") { $0.sampler = .unipc },
        Row("scheduler", "DDIM") { $0.sampler = .ddim },
        Row("scheduler", "dpmpp_sde_ancestral") { $0.sampler = .dpmppSDE },
        Row("scheduler", "Euler a") { $0.extras["scheduler"] = "Euler a" },
        Row("num_inference_steps", 20) { $0.steps = 20 },
        Row("guidance_scale", 25) { $0.guidanceScale = 25 },
        Row("strength", 0.2) { $0.extras["strength"] = "0.2" },
        Row("high_noise_fraction", 0.8) { $0.refiner = "on" },
        Row("high_noise_fraction", 0.65) { $0.highNoiseFraction = 0.65 },
        Row("seed", 999_999_999_999_999) { $0.seeds = [999_999_999_999_999] },
        Row("img_width", 1024),
        Row("img_height", 1024),
        Row("refiner", true) { $0.refiner = "on" },
        Row("refiner", false) { $0.refiner = "off" },
        Row("base64", true),
        Row("base64", false) { $0.extras["base64"] = "false" },
    ]

    @Test(arguments: rows, ["/v1/sdxl-torch", "/v2/sdxl-torch"])
    func everyFieldStandsOnTheWire(row: Row, route: String) async throws {
        let fake = try await FakeSegmind.start()
        let run = try await RemoteRun.run(fake) { request in
            row.change(&request)
            if route.hasPrefix("/v2") { request.extras["async"] = "true" }
        }
        #expect(run.error == nil)
        #expect(!run.images.isEmpty)
        let submit = try #require(fake.server.requests("POST \(route)").first)
        #expect(submit.json?[row.name] == row.value)
        #expect(submit.value(of: "x-api-key") == fake.key)
        #expect(submit.json?["async"] == nil)
        #expect(fake.server.violations == [])
        #expect(fake.files.server.violations == [])
        await fake.stop()
    }

    @Test func whatIsNotSetIsLeftOut() async throws {
        let fake = try await FakeSegmind.start()
        _ = try await RemoteRun.run(fake) { $0.seeds = [7] }
        let body = try #require(fake.server.requests("POST ").first?.json)
        #expect(
            body.keys == [
                "base64", "guidance_scale", "img_height", "img_width", "num_inference_steps",
                "prompt", "samples", "seed",
            ])
        await fake.stop()
    }

    @Test(arguments: ["image", "output", "images"])
    func picturesAreFoundUnderEveryKey(key: String) async throws {
        let fake = try await FakeSegmind.start()
        fake.behave { $0.imageKey = key }
        let run = try await RemoteRun.run(fake) { $0.seeds = [1, 2] }
        #expect(run.images.map(\.index) == [0, 1])
        #expect(run.images.map(\.seed) == [1, nil])
        await fake.stop()
    }

    /// Which seed makes the second picture nobody says: no seed is invented for it.
    @Test(arguments: [false, true])
    func whatASharedSeedMeansIsSaid(isAsynchronous: Bool) async throws {
        let fake = try await FakeSegmind.start()
        func run(_ seeds: [UInt64]) async throws -> RemoteRun {
            try await RemoteRun.run(fake) {
                $0.seeds = seeds
                if isAsynchronous { $0.extras["async"] = "true" }
            }
        }
        let several = try await run([5, 6, 7])
        #expect(several.images.sorted { $0.index < $1.index }.map(\.seed) == [5, nil, nil])
        #expect(several.warnings.contains { $0.contains("one seed for 3 pictures") })
        #expect(try await run([5]).warnings == [])
        await fake.stop()
    }

    @Test func bareBase64IsReadToo() async throws {
        let fake = try await FakeSegmind.start()
        fake.behave { $0.answersBareText = true }
        #expect(try await RemoteRun.run(fake).images.count == 1)
        await fake.stop()
    }

    @Test(arguments: [false, true]) func creditsAreTold(isAsynchronous: Bool) async throws {
        let fake = try await FakeSegmind.start()
        let run = try await RemoteRun.run(fake) {
            if isAsynchronous { $0.extras["async"] = "true" }
        }
        #expect(run.summary?.remainingCredits == 99.5)
        await fake.stop()
    }

    @Test func missingCreditsAreAnErrorOfTheirOwn() async throws {
        let fake = try await FakeSegmind.start()
        fake.behave { $0.credits = 0.5 }
        let run = try await RemoteRun.run(fake)
        #expect(run.kind == .credits)
        #expect(run.text.contains("0.5 credits are left"))
        #expect(fake.server.requests("POST ").count == 1)
        await fake.stop()
    }

    @Test func aBaseAddressWithoutItsVersionIsToldWhy() async throws {
        let fake = try await FakeSegmind.start()
        let generator = try RemoteRun.generator(
            kind: "segmind", baseURL: fake.server.origin, key: fake.key)
        let run = await RemoteRun.run(generator, GenerationRequest(prompt: "x"))
        #expect(run.kind == .notFound)
        #expect((run.error as? RemoteError)?.hint?.contains("/v1") == true)
        await fake.stop()
    }

    @Test func theKeyIsNotSentToAForeignStatusAddress() async throws {
        let fake = try await FakeSegmind.start()
        fake.behave { $0.foreignOrigin = fake.files.server.origin }
        let run = try await RemoteRun.run(fake) { $0.extras["async"] = "true" }
        #expect(run.kind == .untrustedAddress)
        #expect(fake.files.server.requests.isEmpty)
        await fake.stop()
    }

    @Test func aFailureWithStatus422IsReadByItsBody() async throws {
        let fake = try await FakeSegmind.start()
        fake.behave { $0.failure = "the worker broke" }
        let run = try await RemoteRun.run(fake) { $0.extras["async"] = "true" }
        #expect(run.kind == .failed)
        #expect(run.text.contains("the worker broke"))
        await fake.stop()
    }
}
