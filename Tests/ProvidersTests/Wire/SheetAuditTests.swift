import FakeServers
import Foundation
import Generation
import Providers
import Testing

/// Holds everything that reaches the wire against the protocols' tables of fields: every field is
/// sent by some request, and nothing is sent that has no place in the tables. What each field holds
/// is checked by the wire tests of its service.
///
/// Fields that are never sent stand here with the reason.
@Suite(.serialized) struct SheetAuditTests {
    /// Paths of all members of JSON bodies: `input.loras[].lora_url`.
    ///
    /// - Parameter maps: members whose keys are names of a person's own and no fields.
    private func fields(
        _ server: FakeServer, _ prefix: String, maps: Set<String> = []
    ) -> Set<String> {
        var names: Set<String> = []
        func collect(_ value: WireJSON, _ path: String) {
            for element in value.elements ?? [] { collect(element, path + "[]") }
            guard !maps.contains(path) else { return }
            for member in value.members ?? [] {
                let name = path.isEmpty ? member.key : "\(path).\(member.key)"
                names.insert(name)
                collect(member.value, name)
            }
        }
        for request in server.requests(prefix) { request.json.map { collect($0, "") } }
        return names
    }

    @Test func inferenceSh() async throws {
        let fake = try await FakeInference.start()
        for row in InferenceShWireTests.rows { _ = try await RemoteRun.run(fake, row.change) }
        _ = try await RemoteRun.run(fake) { $0.extras["wait"] = "true" }
        var options = ExecutionOptions()
        options.remote.webhook = "https://example.org/hook"
        let request = GenerationRequest(prompt: "x")
        _ = await RemoteRun.run(try RemoteRun.generator(fake), request, options)
        // `stream` stands in the type, and no client of the service sends it.
        #expect(
            fields(fake.server, "POST /apps/run", maps: ["setup", "metadata"]) == [
                "app", "function", "infra", "input", "input.guidance_scale", "input.height",
                "input.loras", "input.loras[].adapter_name", "input.loras[].lora_multiplier",
                "input.loras[].lora_url", "input.model_url", "input.negative_prompt",
                "input.num_inference_steps", "input.prompt", "input.width", "metadata", "run_at",
                "session", "session_timeout", "setup", "wait", "webhook", "workers",
            ])
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test func imagePipeline() async throws {
        let fake = try await FakeImagePipeline.start()
        for row in ImagePipelineWireTests.rows { _ = try await RemoteRun.run(fake, row.change) }
        let text: Set = [
            "model_id", "prompt", "negative_prompt", "num_inference_steps", "guidance_scale",
            "samples", "width", "height", "seed", "safety_checker", "refiner", "scheduler",
            "embeddings", "lora_models", "lora_weights", "ip_adapter", "ip_adapter_scale",
            "ip_adapter_image",
        ]
        #expect(fields(fake.server, "POST /sdxl/text2image/v1") == text)
        let all = fields(fake.server, "POST /sdxl")
        #expect(all == text.union(["strength", "init_image", "mask_image"]))
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test(arguments: ["v1", "v2"]) func segmind(version: String) async throws {
        let fake = try await FakeSegmind.start()
        for row in SegmindWireTests.rows {
            _ = try await RemoteRun.run(fake) { request in
                row.change(&request)
                if version == "v2" { request.extras["async"] = "true" }
            }
        }
        #expect(
            fields(fake.server, "POST /\(version)/sdxl-torch") == [
                "prompt", "negative_prompt", "style", "samples", "scheduler",
                "num_inference_steps", "guidance_scale", "strength", "high_noise_fraction", "seed",
                "img_width", "img_height", "refiner", "base64",
            ])
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test func octoAI() async throws {
        let fake = try await FakeOctoAI.start()
        for row in OctoAIWireTests.rows { _ = try await RemoteRun.run(fake, row.change) }
        let (start, mask) = (try PictureFile(seed: 1), try PictureFile(seed: 2))
        _ = try await RemoteRun.run(fake) {
            $0.initImage = start.path
            $0.maskImage = mask.path
            $0.strength = 0.5
            $0.sampler = .euler
            $0.controls = [
                .init(model: "canny", image: start.path, end: 0.5, preprocessor: "canny")
            ]
            $0.imagePrompts = [.init(model: "base", image: start.path, mask: mask.path)]
            $0.extras["transfer_images"] = #"{"cat": ["\#(start.path)"]}"#
        }
        _ = try await RemoteRun.run(fake) {
            $0.initImage = start.path
            $0.outpaint = Outpaint(left: 8, top: 0, right: 0, bottom: 0)
        }
        let maps: Set = ["loras", "textual_inversions", "transfer_images"]
        #expect(
            fields(fake.server, "POST /generate/sdxl", maps: maps) == [
                "prompt", "prompt_2", "negative_prompt", "negative_prompt_2", "cfg_scale", "steps",
                "seed", "num_images", "width", "height", "sampler", "image_encoding",
                "style_preset", "use_refiner", "high_noise_frac", "clip_skip", "checkpoint", "vae",
                "loras", "textual_inversions", "init_image", "strength", "mask_image",
                "outpainting", "inpaint_full_res", "inpaint_full_res_padding", "log_prompt",
                "controlnet", "controlnet_image", "controlnet_conditioning_scale",
                "controlnet_early_stop", "controlnet_preprocess", "ip_adapter_image",
                "ip_adapter_mask_image", "ip_adapter_method", "ip_adapter_mode",
                "ip_adapter_scale", "transfer_images",
            ])
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test func a1111() async throws {
        let fake = try await FakeA1111.start()
        let folder = try PictureFolder()
        var request = Self.full(folder)
        request.model = "sdxl-base"
        request.refiner = "refiner"
        request.sampler = .dpmpp2m
        request.schedule = .karras
        request.noiseSource = .philox
        request.variationSeed = 12
        request.tiling = .both
        request.controls = [
            .init(
                model: "diffusers_xl_canny_full", image: try folder.picture("c.png"),
                preprocessor: "canny")
        ]
        request.extras = [
            "styles": #"["x"]"#, "eta": "0.5", "s_churn": "1", "s_tmin": "0", "s_tmax": "1",
            "s_noise": "1", "restore_faces": "true", "seed_resize_from_w": "512",
            "seed_resize_from_h": "512", "override_settings_restore_afterwards": "false",
            "script_name": "none", "script_args": "[1]", "save_images": "false",
            "force_task_id": "t",
        ]
        var text = request
        text.hires = HiresPass(scale: 2)
        text.extras.merge([
            "hr_second_pass_steps": "3", "hr_resize_x": "128", "hr_resize_y": "96",
            "hr_prompt": "p", "hr_negative_prompt": "n",
        ]) { $1 }
        #expect(try await ServerRun.run(text, A1111(), at: fake.baseURL).error == nil)
        request.initImage = try folder.picture("i.png")
        request.maskImage = try folder.picture("m.png")
        request.strength = 0.5
        request.extras.merge([
            "mask_blur": "6", "inpainting_fill": "2", "inpaint_full_res": "true",
            "inpaint_full_res_padding": "32", "inpainting_mask_invert": "1", "resize_mode": "1",
        ]) { $1 }
        #expect(try await ServerRun.run(request, A1111(), at: fake.baseURL).error == nil)
        // `sampler_index` is the older name of `sampler_name`; `send_images` is wanted as it is.
        let common: Set = [
            "prompt", "negative_prompt", "styles", "seed", "subseed", "subseed_strength",
            "seed_resize_from_w", "seed_resize_from_h", "sampler_name", "scheduler", "steps",
            "cfg_scale", "width", "height", "batch_size", "n_iter", "override_settings",
            "override_settings_restore_afterwards", "refiner_checkpoint", "refiner_switch_at",
            "denoising_strength", "save_images", "alwayson_scripts", "script_name", "script_args",
            "force_task_id", "tiling", "restore_faces", "eta", "s_churn", "s_tmin", "s_tmax",
            "s_noise",
        ]
        let maps: Set = ["override_settings", "alwayson_scripts"]
        #expect(
            fields(fake.server, "POST /sdapi/v1/txt2img", maps: maps)
                == common.union([
                    "enable_hr", "hr_scale", "hr_upscaler", "hr_second_pass_steps", "hr_resize_x",
                    "hr_resize_y", "hr_prompt", "hr_negative_prompt",
                ]))
        #expect(
            fields(fake.server, "POST /sdapi/v1/img2img", maps: maps)
                == common.union([
                    "init_images", "mask", "mask_blur", "inpainting_fill", "inpaint_full_res",
                    "inpaint_full_res_padding", "inpainting_mask_invert", "resize_mode",
                ]))
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test func comfyUI() async throws {
        let fake = try await FakeComfyUI.start()
        var request = GenerationRequest.small()
        request.extras = [
            "front": "true", "number": "3", "extra_data": "{}",
            "partial_execution_targets": #"["9"]"#,
        ]
        #expect(try await ServerRun.run(request, ComfyUI(), at: fake.baseURL).error == nil)
        #expect(
            fields(fake.server, "POST /prompt", maps: ["prompt"]) == [
                "prompt", "client_id", "prompt_id", "front", "number", "extra_data",
                "partial_execution_targets",
            ])
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test func sdServer() async throws {
        let fake = try await FakeSDServer.start()
        let folder = try PictureFolder()
        var request = Self.full(folder)
        request.vae = nil
        request.sampler = .dpmpp2m
        request.schedule = .alignYourSteps
        request.initImage = try folder.picture("i.png")
        request.maskImage = try folder.picture("m.png")
        request.strength = 0.5
        request.hires = HiresPass(scale: 2)
        request.controls = [.init(model: "any", image: try folder.picture("c.png"))]
        let picture = FakePicture.base64(width: 8, height: 8, seed: 1)
        request.extras = [
            "eta": "0.5", "img_cfg": "2", "distilled_guidance": "3", "slg": #"{"scale": 1}"#,
            "ref_images": #"["\#(picture)"]"#, "vae_tiling_params": #"{"enabled": true}"#,
            "hires_steps": "3", "cache_mode": "disabled", "output_compression": "90",
        ]
        #expect(try await ServerRun.run(request, SDServer(), at: fake.baseURL).error == nil)
        // `lora[].is_high_noise` is for video models of two halves.
        let maps: Set = ["sample_params.guidance.slg", "vae_tiling_params", "hires"]
        #expect(
            fields(fake.server, "POST /sdcpp/v1/img_gen", maps: maps) == [
                "prompt", "negative_prompt", "width", "height", "seed", "batch_count", "strength",
                "clip_skip", "sample_params", "sample_params.scheduler",
                "sample_params.sample_method", "sample_params.sample_steps", "sample_params.eta",
                "sample_params.guidance", "sample_params.guidance.txt_cfg",
                "sample_params.guidance.img_cfg", "sample_params.guidance.distilled_guidance",
                "sample_params.guidance.slg", "init_image", "mask_image", "ref_images",
                "control_image", "control_strength", "lora", "lora[].path", "lora[].multiplier",
                "hires", "vae_tiling_params", "output_format", "output_compression", "cache_mode",
            ])
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test func openAIImages() async throws {
        let fake = try await FakeOpenAI.start()
        let folder = try PictureFolder()
        var request = GenerationRequest(prompt: "x")
        (request.width, request.height) = (64, 64)
        request.model = "gpt-image-1"
        request.extras = [
            "n": "2", "quality": "high", "background": "opaque", "output_format": "jpeg",
            "output_compression": "80",
        ]
        var generation = request
        generation.extras["response_format"] = "b64_json"
        func run(_ request: GenerationRequest) async throws {
            let run = try await ServerRun.run(
                request, OpenAIImages(), at: fake.baseURL, key: fake.key)
            #expect(run.error == nil)
        }
        try await run(generation)
        request.initImage = try folder.picture("i.png")
        request.maskImage = try folder.picture("m.png")
        try await run(request)
        // `stream` and `partial_images` would change the form of the answer; `size: auto` is what
        // a request without a size means.
        let common: Set = [
            "prompt", "model", "n", "size", "quality", "background", "output_format",
            "output_compression",
        ]
        #expect(
            fields(fake.server, "POST /v1/images/generations") == common.union(["response_format"]))
        let form = try #require(
            fake.server.requests("POST /v1/images/edits").first.flatMap { WireForm($0) })
        #expect(Set(form.parts.map(\.name)) == common.union(["image[]", "mask"]))
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    /// What all servers of one's own have.
    private static func full(_ folder: PictureFolder) -> GenerationRequest {
        var request = GenerationRequest.small("a fox", seeds: [7])
        request.negativePrompt = "blur"
        request.guidanceScale = 5
        request.clipSkip = 1
        request.vae = "sdxl_vae.safetensors"
        request.loras = [LoRAReference(name: "pixel", weight: 0.5)]
        return request
    }
}
