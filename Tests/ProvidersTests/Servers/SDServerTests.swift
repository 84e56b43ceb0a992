import FakeServers
import Foundation
import Generation
import Providers
import Testing

@Suite struct SDServerTests {
    private let service = SDServer()

    @Test func everyFieldIsOnTheWire() async throws {
        let fake = try await FakeSDServer.start()
        let folder = try PictureFolder()
        var request = GenerationRequest.small(
            "a fox <lora:pixel:0.5>", seeds: [9_007_199_254_740_993])
        request.negativePrompt = "blur"
        request.guidanceScale = 5
        request.sampler = .dpmpp2m
        request.schedule = .alignYourSteps
        request.clipSkip = 1
        request.model = "sdxl"
        request.initImage = try folder.picture("i.png", seed: 2)
        request.maskImage = try folder.picture("m.png", seed: 3)
        request.strength = 0.5
        request.hires = HiresPass(scale: 2, strength: 0.4)
        request.controls = [
            ControlReference(model: "any", image: try folder.picture("c.png", seed: 4), scale: 0.7)
        ]
        let reference = FakePicture.base64(width: 8, height: 8, seed: 1)
        request.extras = [
            "eta": "0.5", "img_cfg": "2", "distilled_guidance": "3.5", "slg": #"{"scale": 1}"#,
            "ref_images": #"["\#(reference)"]"#, "vae_tiling_params": #"{"enabled": true}"#,
            "hires_upscaler": "Lanczos", "hires_steps": "3", "cache_mode": "disabled",
            "output_format": "jpeg", "output_compression": "90",
        ]
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.error == nil)
        #expect(run.isFinished)
        #expect(fake.server.violations == [])
        let body = try #require(fake.server.requests("POST /sdcpp/v1/img_gen").first?.json)
        #expect(body["prompt"]?.text == "a fox ")
        #expect(body["negative_prompt"]?.text == "blur")
        #expect(body["seed"]?.literal == "9007199254740993")
        #expect(body["batch_count"]?.literal == "1")
        #expect(body["width"]?.literal == "64")
        #expect(body["height"]?.literal == "64")
        #expect(body["clip_skip"]?.literal == "1")
        let sampling = body["sample_params"]
        #expect(sampling?["scheduler"]?.text == "ays")
        #expect(sampling?["sample_method"]?.text == "dpm++2m")
        #expect(sampling?["sample_steps"]?.literal == "4")
        #expect(sampling?["eta"]?.literal == "0.5")
        #expect(sampling?["guidance"]?["txt_cfg"]?.literal == "5")
        #expect(sampling?["guidance"]?["img_cfg"]?.literal == "2")
        #expect(sampling?["guidance"]?["distilled_guidance"]?.literal == "3.5")
        #expect(sampling?["guidance"]?["slg"]?["scale"]?.literal == "1")
        #expect(body["init_image"]?.text == FakePicture.base64(width: 64, height: 64, seed: 2))
        #expect(body["mask_image"]?.text == FakePicture.base64(width: 64, height: 64, seed: 3))
        #expect(body["control_image"]?.text == FakePicture.base64(width: 64, height: 64, seed: 4))
        #expect(body["control_strength"]?.literal == "0.7")
        #expect(body["strength"]?.literal == "0.5")
        #expect(body["lora"]?[0]?["path"]?.text == "art/pixel.safetensors")
        #expect(body["lora"]?[0]?["multiplier"]?.literal == "0.5")
        #expect(body["hires"]?["enabled"]?.truth == true)
        #expect(body["hires"]?["upscaler"]?.text == "Lanczos")
        #expect(body["hires"]?["scale"]?.literal == "2")
        #expect(body["hires"]?["steps"]?.literal == "3")
        #expect(body["hires"]?["denoising_strength"]?.literal == "0.4")
        #expect(body["ref_images"]?.elements?.count == 1)
        #expect(body["vae_tiling_params"]?["enabled"]?.truth == true)
        #expect(body["cache_mode"]?.text == "disabled")
        #expect(body["output_format"]?.text == "jpeg")
        #expect(body["output_compression"]?.literal == "90")
        #expect(
            Set(request.extras.keys) == Set(service.capabilities(model: nil).extras.map(\.name)))
        await fake.stop()
    }

    @Test func runsOfSeedsShareAJob() async throws {
        let fake = try await FakeSDServer.start()
        let seeds: [UInt64] = [1, 2, 3, 4, 5, 10]
        let run = try await ServerRun.run(.small(seeds: seeds), service, at: fake.baseURL)
        #expect(run.images.map(\.seed) == seeds)
        #expect(run.images.map(\.index) == [0, 1, 2, 3, 4, 5])
        for (image, seed) in zip(run.images, seeds) {
            #expect(image.image == FakePicture.image(width: 64, height: 64, seed: seed))
        }
        let counts = fake.server.requests("POST").compactMap { $0.json?["batch_count"]?.integer }
        #expect(counts == [4, 1, 1])
        #expect(run.stages.contains(.queued(position: 2)))
        await fake.stop()
    }

    @Test func aResultIsFetchedLater() async throws {
        let fake = try await FakeSDServer.start()
        var options = ExecutionOptions()
        options.remote.leavesWhenAccepted = true
        let request = GenerationRequest.small(seeds: [1, 2, 9])
        let left = try await ServerRun.run(request, service, at: fake.baseURL, options: options)
        options = ExecutionOptions()
        options.remote.resumedTaskID = left.taskID ?? ""
        let run = try await ServerRun.run(request, service, at: fake.baseURL, options: options)
        #expect(run.images.map(\.seed) == [1, 2, 9])
        #expect(fake.server.requests("POST").count == 2)
        options.remote.resumedTaskID = "job_99*1"
        let unknown = try await ServerRun.run(request, service, at: fake.baseURL, options: options)
        #expect(unknown.remoteError?.kind == .notFound)
        await fake.stop()
    }

    @Test func failuresAreToldAndTheOtherJobsCancelled() async throws {
        let fake = try await FakeSDServer.start()
        fake.behave { $0.failure = "out of memory" }
        let run = try await ServerRun.run(.small(seeds: [1, 9]), service, at: fake.baseURL)
        #expect(run.remoteError?.summary.contains("out of memory") == true)
        #expect(fake.cancelledJobs == ["job_2"])
        await fake.stop()
    }

    @Test func cancelReachesTheServer() async throws {
        let fake = try await FakeSDServer.start()
        fake.behave { $0.isStuck = true }
        let generator = try ServerRun.generator(service, at: fake.baseURL)
        let task = Task {
            for try await event in generator.generate(
                .small(seeds: [1, 9]), options: ExecutionOptions())
            {
                if case .stage(.sampling) = event { return }
            }
        }
        try await task.value
        await generator.settle()
        #expect(fake.cancelledJobs == ["job_1", "job_2"])
        await fake.stop()
    }

    @Test func aFullQueueIsWaitedForAndThenTold() async throws {
        let fake = try await FakeSDServer.start()
        fake.server.inject(.status(429, #"{"error": "queue is full"}"#), on: "POST")
        let once = try await ServerRun.run(.small(), service, at: fake.baseURL)
        #expect(once.isFinished)
        fake.server.inject(.status(429, #"{"error": "queue is full"}"#), times: 9, on: "POST")
        let always = try await ServerRun.run(.small(), service, at: fake.baseURL)
        #expect(always.remoteError?.kind == .limited)
        #expect(always.remoteError?.summary.contains("queue is full") == true)
        await fake.stop()
    }

    @Test func limitsNamesAndModelsAreCheckedBeforeTheWork() async throws {
        let fake = try await FakeSDServer.start()
        var request = GenerationRequest.small()
        request.width = 8192
        let size = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(size.remoteError?.summary.contains("64 to 4096") == true)
        request = .small()
        request.model = "another"
        let model = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(model.remoteError?.summary.contains("sdxl.safetensors") == true)
        request = .small()
        request.loras = [LoRAReference(name: "none")]
        let lora = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(lora.remoteError?.hint?.contains("art/pixel.safetensors") == true)
        #expect(fake.server.requests("POST").isEmpty)
        await fake.stop()
    }
}
