import FakeServers
import Generation
import Providers
import Testing

@Suite(.serialized) struct ImagePipelineWireTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let route: String
        let change: @Sendable (inout GenerationRequest) -> Void
        let value: WireJSON
        var testDescription: String { name }

        init(
            _ name: String, _ value: WireJSON, route: String = "text2image",
            _ change: @escaping @Sendable (inout GenerationRequest) -> Void = { _ in }
        ) {
            self.name = name
            self.route = route
            self.change = change
            self.value = value
        }
    }

    static let rows: [Row] = [
        Row("model_id", "sdxl"),
        Row("model_id", "1b9f") { $0.model = "1b9f" },
        Row("prompt", "a lighthouse"),
        Row("negative_prompt", "fog") { $0.negativePrompt = "fog" },
        Row("num_inference_steps", 25) { $0.steps = 25 },
        Row("guidance_scale", 9.5) { $0.guidanceScale = 9.5 },
        Row("samples", 1),
        Row("samples", 4) { $0.seeds = [7, 8, 9, 10] },
        Row("seed", 7) { $0.seeds = [7] },
        Row("seed", 9_007_199_254_740_991) { $0.seeds = [9_007_199_254_740_991] },
        Row("width", 768) { $0.width = 768 },
        Row("height", 512) { $0.height = 512 },
        Row("safety_checker", true) { $0.safety = .block },
        Row("safety_checker", false) { $0.extras["safety_checker"] = "false" },
        Row("refiner", true) { $0.refiner = "on" },
        Row("refiner", false) { $0.refiner = "off" },
        Row("scheduler", "UniPCMultistepScheduler") { $0.sampler = .unipc },
        Row("scheduler", "EulerDiscreteScheduler") { $0.sampler = .euler },
        Row("scheduler", "DDIMScheduler") { $0.sampler = .ddim },
        Row("scheduler", "DDPMScheduler") { $0.sampler = .ddpm },
        Row("scheduler", "HeunDiscreteScheduler") { $0.sampler = .heun },
        Row("scheduler", "DPMSolverMultistepScheduler") { $0.sampler = .dpmpp2m },
        Row("embeddings", "e1") { $0.embeddings = [.init(token: "fogstyle", path: "e1")] },
        Row("lora_models", ["l1", "l2"]) {
            $0.loras = [.init(name: "l1", weight: 0.8), .init(name: "l2", weight: 1)]
        },
        Row("lora_weights", ["0.8", "1.0"]) {
            $0.loras = [.init(name: "l1", weight: 0.8), .init(name: "l2", weight: 1)]
        },
        Row("ip_adapter", ["plus"]) {
            $0.imagePrompts = [.init(model: "plus", image: "https://example.org/i.png")]
        },
        Row("ip_adapter_scale", ["0.7"]) {
            $0.imagePrompts = [
                .init(model: "plus", image: "https://example.org/i.png", scale: 0.7)
            ]
        },
        Row("ip_adapter_image", "https://example.org/i.png") {
            $0.imagePrompts = [.init(model: "plus", image: "https://example.org/i.png")]
        },
        Row("init_image", "https://example.org/a.png", route: "image2image") {
            $0.initImage = "https://example.org/a.png"
        },
        Row("strength", 0.35, route: "image2image") {
            $0.initImage = "https://example.org/a.png"
            $0.strength = 0.35
        },
        Row("init_image", "https://example.org/a.png", route: "inpainting") {
            $0.initImage = "https://example.org/a.png"
            $0.maskImage = "https://example.org/m.png"
        },
        Row("mask_image", "https://example.org/m.png", route: "inpainting") {
            $0.initImage = "https://example.org/a.png"
            $0.maskImage = "https://example.org/m.png"
        },
    ]

    @Test(arguments: rows) func everyFieldStandsOnTheWire(row: Row) async throws {
        let fake = try await FakeImagePipeline.start()
        let run = try await RemoteRun.run(fake, row.change)
        #expect(run.error == nil)
        #expect(!run.images.isEmpty)
        let submit = try #require(fake.server.requests("POST /sdxl/\(row.route)/v1").first)
        #expect(submit.json?[row.name] == row.value)
        #expect(submit.value(of: "API-Key") == fake.key)
        #expect(submit.value(of: "Content-Type") == "application/json")
        #expect(!fake.server.requests("GET /sdxl/\(row.route)/v1/status/job-1").isEmpty)
        #expect(fake.server.violations == [])
        #expect(fake.files.server.violations == [])
        await fake.stop()
    }

    @Test func whatIsNotSetIsLeftOut() async throws {
        let fake = try await FakeImagePipeline.start()
        _ = try await RemoteRun.run(fake) { $0.seeds = [7] }
        let body = try #require(fake.server.requests("POST ").first?.json)
        #expect(
            body.keys == [
                "guidance_scale", "height", "model_id", "num_inference_steps", "prompt",
                "samples", "seed", "width",
            ])
        await fake.stop()
    }

    @Test func picturesComeInOrderWithTheSeedThatIsKnown() async throws {
        let fake = try await FakeImagePipeline.start()
        let run = try await RemoteRun.run(fake) { $0.seeds = [7, 8, 9] }
        #expect(Set(run.images.map(\.index)) == [0, 1, 2])
        #expect(run.warnings.contains { $0.contains("one seed for 3 pictures") })
        for image in run.images {
            #expect(image.seed == (image.index == 0 ? 7 : nil))
            #expect(
                image.image
                    == FakePicture.image(width: 256, height: 256, seed: 7 + UInt64(image.index)))
        }
        await fake.stop()
    }
}
