import FakeServers
import Foundation
import Generation
import Providers
import Testing

@Suite struct A1111Tests {
    private let service = A1111()

    @Test func everyFieldOfTextToImageIsOnTheWire() async throws {
        let fake = try await FakeA1111.start()
        var request = GenerationRequest.small(seeds: [4_294_967_295])
        request.negativePrompt = "blur"
        request.guidanceScale = 6.5
        request.sampler = .dpmpp2m
        request.schedule = .karras
        request.model = "sdxl-base"
        request.vae = "sdxl_vae.safetensors"
        request.refiner = "refiner"
        request.highNoiseFraction = 0.75
        request.variationSeed = 12
        request.variationStrength = 0.25
        request.clipSkip = 1
        request.noiseSource = .philox
        request.loras = [LoRAReference(name: "/models/pixel.safetensors", weight: 0.8)]
        request.tiling = .both
        request.hires = HiresPass(scale: 2, strength: 0.5)
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.error == nil)
        #expect(run.isFinished)
        #expect(fake.server.violations == [])
        let body = try #require(fake.server.requests("POST /sdapi/v1/txt2img").first?.json)
        #expect(body["prompt"]?.text == "a fox <lora:pixel:0.8>")
        #expect(body["negative_prompt"]?.text == "blur")
        #expect(body["seed"]?.literal == "4294967295")
        #expect(body["steps"]?.literal == "4")
        #expect(body["cfg_scale"]?.literal == "6.5")
        #expect(body["width"]?.literal == "64")
        #expect(body["height"]?.literal == "64")
        #expect(body["batch_size"]?.literal == "1")
        #expect(body["n_iter"]?.literal == "1")
        #expect(body["sampler_name"]?.text == "DPM++ 2M")
        #expect(body["scheduler"]?.text == "Karras")
        #expect(body["refiner_checkpoint"]?.text == "refiner.safetensors [7440042bbd]")
        #expect(body["refiner_switch_at"]?.literal == "0.75")
        #expect(body["subseed"]?.literal == "12")
        #expect(body["subseed_strength"]?.literal == "0.25")
        #expect(body["tiling"]?.truth == true)
        #expect(body["enable_hr"]?.truth == true)
        #expect(body["hr_scale"]?.literal == "2")
        #expect(body["hr_upscaler"]?.text == "Latent")
        #expect(body["denoising_strength"]?.literal == "0.5")
        let settings = body["override_settings"]
        #expect(settings?["sd_model_checkpoint"]?.text == "sdxl-base.safetensors [31e35c80fc]")
        #expect(settings?["sd_vae"]?.text == "sdxl_vae.safetensors")
        #expect(settings?["CLIP_stop_at_last_layers"]?.literal == "1")
        #expect(settings?["randn_source"]?.text == "NV")
        await fake.stop()
    }

    @Test func everyExtraIsOnTheWireUnderItsOwnName() async throws {
        let fake = try await FakeA1111.start()
        let folder = try PictureFolder()
        let texts = [
            "styles": #"["Cinematic"]"#, "eta": "0.5", "s_churn": "1.5", "s_tmin": "0.1",
            "s_tmax": "10", "s_noise": "1.1", "restore_faces": "true", "seed_resize_from_w": "512",
            "seed_resize_from_h": "512", "hr_second_pass_steps": "3", "hr_prompt": "12",
            "hr_resize_x": "128", "hr_resize_y": "96", "hr_negative_prompt": "n",
            "hr_upscaler": "Latent (nearest)",
            "override_settings": #"{"samples_format": "png"}"#,
            "override_settings_restore_afterwards": "false", "alwayson_scripts": #"{"x": {}}"#,
            "script_name": "none", "script_args": "[1]", "save_images": "false",
            "force_task_id": "t1",
        ]
        var request = GenerationRequest.small()
        request.extras = texts
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.error == nil)
        let picture = [
            "mask_blur": "6", "inpainting_fill": "2", "inpaint_full_res": "true",
            "inpaint_full_res_padding": "32", "inpainting_mask_invert": "1", "resize_mode": "1",
        ]
        request.extras = picture
        request.initImage = try folder.picture("init.png")
        request.maskImage = try folder.picture("mask.png")
        let second = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(second.error == nil)
        #expect(fake.server.violations == [])
        let text = try #require(fake.server.requests("POST /sdapi/v1/txt2img").first?.json)
        let image = try #require(fake.server.requests("POST /sdapi/v1/img2img").first?.json)
        for (body, extras) in [(text, texts), (image, picture)] {
            for (name, value) in extras {
                let wanted = try? WireJSON(parsing: Array(value.utf8))
                let sent = body[name]
                #expect(sent == wanted || sent == .string(value), "\(name)")
            }
        }
        // A text that looks like a number stays a text.
        #expect(text["hr_prompt"]?.text == "12")
        let all = Set(service.capabilities(model: nil).extras.map(\.name))
        #expect(all == Set(texts.keys).union(picture.keys))
        await fake.stop()
    }

    @Test func pictureAndMaskAreSentAsTheyAre() async throws {
        let fake = try await FakeA1111.start()
        let folder = try PictureFolder()
        var request = GenerationRequest.small()
        request.initImage = try folder.picture("init.png", seed: 3)
        request.maskImage = try folder.picture("mask.png", seed: 4)
        request.strength = 0.6
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.error == nil)
        #expect(fake.server.violations == [])
        let body = try #require(fake.server.requests("POST /sdapi/v1/img2img").first?.json)
        let base64 = FakePicture.base64(width: 64, height: 64, seed: 3)
        #expect(body["init_images"]?.elements == [.string(base64)])
        #expect(body["mask"]?.text == FakePicture.base64(width: 64, height: 64, seed: 4))
        #expect(body["denoising_strength"]?.literal == "0.6")
        #expect(body["inpaint_full_res"]?.truth == false)
        await fake.stop()
    }

    @Test func everySeedIsACallAndAPicture() async throws {
        let fake = try await FakeA1111.start()
        let seeds: [UInt64] = [5, 4_000_000_000, 6]
        let run = try await ServerRun.run(
            .small(seeds: seeds), service, at: fake.baseURL)
        #expect(run.images.map(\.seed) == seeds)
        #expect(run.images.map(\.index) == [0, 1, 2])
        for (image, seed) in zip(run.images, seeds) {
            #expect(image.image == FakePicture.image(width: 64, height: 64, seed: seed))
        }
        let tooLarge = try await ServerRun.run(
            .small(seeds: [4_294_967_296]), service, at: fake.baseURL)
        #expect(tooLarge.problems.map(\.field) == [.seeds])
        await fake.stop()
    }

    @Test func oldServersGetTheScheduleInTheSamplersName() async throws {
        let fake = try await FakeA1111.start()
        fake.behave { $0.dialect = .oldWebUI }
        var request = GenerationRequest.small()
        request.sampler = .dpmpp2m
        request.schedule = .karras
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.error == nil)
        let body = fake.server.requests("POST").first?.json
        #expect(body?["sampler_name"]?.text == "DPM++ 2M Karras")
        #expect(body?["scheduler"] == nil)
        await fake.stop()
    }

    @Test func stableDiffusionCppGetsLorasAsAList() async throws {
        let fake = try await FakeA1111.start()
        fake.behave { $0.dialect = .stableDiffusionCpp }
        var request = GenerationRequest.small("a fox <lora:pixel:0.5>")
        request.sampler = .eulerAncestral
        request.clipSkip = 1
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.error == nil)
        #expect(run.isFinished)
        #expect(fake.server.violations == [])
        let body = fake.server.requests("POST").first?.json
        #expect(body?["sampler_name"]?.text == "euler_a")
        #expect(body?["prompt"]?.text == "a fox ")
        #expect(body?["lora"]?[0]?["path"]?.text == "art/pixel.safetensors")
        #expect(body?["lora"]?[0]?["multiplier"]?.literal == "0.5")
        #expect(body?["clip_skip"]?.literal == "1")
        await fake.stop()
    }

    @Test func whatStableDiffusionCppWouldIgnoreIsAnError() async throws {
        let fake = try await FakeA1111.start()
        fake.behave { $0.dialect = .stableDiffusionCpp }
        var request = GenerationRequest.small()
        request.vae = "x"
        request.tiling = .both
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.remoteError?.summary.contains("--vae, --tiling") == true)
        #expect(fake.server.requests("POST").isEmpty)
        await fake.stop()
    }

    @Test func argumentsInThePromptAreTakenOutAndTold() async throws {
        let fake = try await FakeA1111.start()
        let tag = #"<sd_cpp_extra_args>{"sample_params":{"sample_steps":99}}</sd_cpp_extra_args>"#
        let run = try await ServerRun.run(
            .small("a fox \(tag)"), service, at: fake.baseURL)
        #expect(run.warnings.count == 1)
        #expect(!fake.server.received("sample_steps"))
        await fake.stop()
    }

    @Test func progressGrowsAndPreviewsCome() async throws {
        let fake = try await FakeA1111.start()
        fake.behave { $0.pace = .milliseconds(100) }
        var request = GenerationRequest.small()
        request.steps = 20
        let run = try await ServerRun.run(
            request, service, at: fake.baseURL, options: ExecutionOptions(wantsPreviews: true))
        let steps = run.stages.compactMap { stage -> Int? in
            if case .sampling(let step, 20, 0, 1) = stage { step } else { nil }
        }
        #expect(steps.count >= 3)
        #expect(steps == steps.sorted())
        #expect(!run.previews.isEmpty)
        let queries = fake.server.requests("GET /sdapi/v1/progress").map(\.query)
        #expect(queries.allSatisfy { $0 == ["skip_current_image": "false"] })
        await fake.stop()
    }

    @Test func cancelInterruptsTheServer() async throws {
        let fake = try await FakeA1111.start()
        fake.behave { $0.pace = .milliseconds(500) }
        var request = GenerationRequest.small()
        request.steps = 100
        let generator = try ServerRun.generator(service, at: fake.baseURL)
        let wanted = request
        let task = Task {
            for try await _ in generator.generate(wanted, options: ExecutionOptions()) {}
        }
        #expect(
            await fake.server.waitForRequests { requests in
                requests.contains { $0.line == "GET /sdapi/v1/progress" }
            })
        task.cancel()
        #expect(
            await fake.server.waitForRequests { requests in
                requests.contains { $0.line == "POST /sdapi/v1/interrupt" }
            })
        await generator.settle()
        #expect(fake.server.requests("POST /sdapi/v1/interrupt").first?.text == "{}")
        await fake.stop()
    }

    @Test func aGridIsNotThePicture() async throws {
        let fake = try await FakeA1111.start()
        fake.behave { $0.putsGridFirst = true }
        let run = try await ServerRun.run(.small(seeds: [9]), service, at: fake.baseURL)
        #expect(
            run.images.first?.image == FakePicture.image(width: 64, height: 64, seed: 9))
        await fake.stop()
    }

    @Test func loginsAreShownAsBasicAndNeverTold() async throws {
        let fake = try await FakeA1111.start()
        fake.behave { $0.login = "me:secret-word" }
        let run = try await ServerRun.run(
            .small(), service, at: fake.baseURL, key: "me:secret-word")
        #expect(run.isFinished)
        #expect(fake.server.requests.allSatisfy { $0.values(of: "authorization").count == 1 })
        fake.server.inject(.echo(403), on: "POST")
        let echoed = try await ServerRun.run(
            .small(), service, at: fake.baseURL, key: "me:secret-word")
        #expect(echoed.remoteError?.kind == .key)
        #expect(!echoed.allText.contains("secret-word"))
        #expect(!echoed.allText.contains(Data("me:secret-word".utf8).base64EncodedString()))
        let wrong = try await ServerRun.run(
            .small(), service, at: fake.baseURL, key: "me:wrong-one")
        #expect(wrong.remoteError?.kind == .key)
        await fake.stop()
    }

    @Test func namesThatTheServerLacksAreAnErrorWithWhatItHas() async throws {
        let fake = try await FakeA1111.start()
        var request = GenerationRequest.small()
        request.sampler = .deis
        let sampler = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(sampler.remoteError?.hint?.contains("UniPC") == true)
        request.sampler = .euler
        request.model = "nothing"
        let model = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(model.remoteError?.hint?.contains("sdxl-base") == true)
        request.model = nil
        request.schedule = .exponential
        let schedule = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(schedule.remoteError?.hint?.contains("Karras") == true)
        #expect(fake.server.requests("POST").isEmpty)
        await fake.stop()
    }

    @Test func aServerWithoutTheAPIIsTold() async throws {
        let server = try await FakeServer.start { _ in
            .json(404, ["detail": "Not Found"])
        }
        let run = try await ServerRun.run(.small(), service, at: server.origin)
        #expect(run.remoteError?.summary.contains("--api") == true)
        await server.stop()
    }

    @Test(arguments: [
        WireJSON.array([]), .null, .array([.null]), .array([""]), .array(["%%%"]),
        .array([5]), "text", .array([.string("iVBORw0KGgo=")]),
    ])
    func brokenPicturesAreOneClearError(images: WireJSON) async throws {
        let fake = try await FakeA1111.start()
        fake.behave { $0.images = images }
        let run = try await ServerRun.run(.small(), service, at: fake.baseURL)
        #expect(run.error is any UserFacingError)
        #expect(run.images.isEmpty)
        await fake.stop()
    }

    @Test(arguments: [
        WireJSON.object([]), ["progress": "half"], ["progress": 0.5], [],
        ["progress": 2, "state": ["sampling_step": -5, "sampling_steps": 0]],
    ])
    func oddProgressHarmsNothing(progress: WireJSON) async throws {
        let fake = try await FakeA1111.start()
        fake.behave {
            $0.progress = progress
            $0.pace = .milliseconds(5)
        }
        let run = try await ServerRun.run(.small(), service, at: fake.baseURL)
        #expect(run.isFinished)
        await fake.stop()
    }
}
