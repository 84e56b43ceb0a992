import Generation
import Images

/// What a server of this family was found to have.
struct A1111Findings: Hashable, Sendable {
    /// The server's spelling of the sampler; nil leaves the choice to it.
    var sampler: String?
    /// Its label of the schedule; nil leaves the choice to it.
    var schedule: String?
    /// The schedule's label where it is a part of the sampler's name.
    var scheduleInSampler: String?
    /// The checkpoint's title.
    var model: String?
    /// The refiner's title.
    var refiner: String?
    /// Whether it is stable-diffusion.cpp: LoRAs as a list, no settings, `clip_skip`.
    var isStableDiffusionCpp = false
    /// LoRA files of stable-diffusion.cpp, by the name that was asked for.
    var loraPaths: [String: String] = [:]
    /// The ControlNet extension.
    var control = A1111ControlNet()
}

/// Requests as `txt2img` and `img2img` take them.
struct A1111Mapping: Sendable {
    let job: RemoteJob
    let findings: A1111Findings

    private var request: GenerationRequest { job.request }

    /// SDXL's own layer is left to the server.
    private var clipSkip: Int? { request.isGiven(.clipSkip) ? request.clipSkip : nil }

    /// `txt2img` or `img2img`.
    var route: String { request.initImage == nil ? "txt2img" : "img2img" }

    /// The body for one picture.
    func body(seed: UInt64?) -> JSONBody {
        var body = JSONBody()
        setPrompts(&body)
        body.set("seed", seed)
        body.set("steps", request.steps)
        body.set("cfg_scale", request.guidanceScale)
        body.set("width", request.width)
        body.set("height", request.height)
        body.set("batch_size", 1)
        body.set("n_iter", 1)
        let sampler = findings.sampler.map { name in
            findings.scheduleInSampler.map { "\(name) \($0)" } ?? name
        }
        body.set("sampler_name", sampler)
        body.set("scheduler", findings.schedule)
        setVariation(&body)
        setModels(&body)
        setPicture(&body)
        setHires(&body)
        if request.tiling == .both { body.set("tiling", true) }
        setExtras(&body)
        return body
    }

    private func setPrompts(_ body: inout JSONBody) {
        let prompt = ServerPrompt(request)
        if findings.isStableDiffusionCpp {
            let (text, loras) = prompt.resolved(request.loras)
            body.set("prompt", text)
            if !loras.isEmpty {
                body.set("lora", .array(loras.map { Self.entry($0, findings.loraPaths) }))
            }
        } else {
            body.set("prompt", prompt.tagged(request.loras))
        }
        body.set("negative_prompt", prompt.negative)
    }

    private static func entry(_ lora: LoRAReference, _ paths: [String: String]) -> JSONValue {
        .object([
            "path": .string(paths[lora.name] ?? lora.name), "multiplier": .number(lora.weight),
        ])
    }

    private func setVariation(_ body: inout JSONBody) {
        guard let seed = request.variationSeed else { return }
        body.set("subseed", seed)
        body.set("subseed_strength", request.variationStrength)
    }

    private func setModels(_ body: inout JSONBody) {
        var settings = request.extra("override_settings", of: A1111.extras)?.members ?? [:]
        if !findings.isStableDiffusionCpp {
            settings["sd_model_checkpoint"] = findings.model.map { .string($0) }
            settings["sd_vae"] = request.vae.map { .string($0) }
            if request.noiseSource == .philox { settings["randn_source"] = .string("NV") }
            settings["CLIP_stop_at_last_layers"] = clipSkip.map { .number($0) }
        } else {
            body.set("clip_skip", clipSkip)
        }
        if !settings.isEmpty { body.set("override_settings", .object(settings)) }
        if let refiner = findings.refiner {
            body.set("refiner_checkpoint", refiner)
            body.set("refiner_switch_at", request.highNoiseFraction)
        }
    }

    private func setPicture(_ body: inout JSONBody) {
        guard let path = request.initImage, let picture = job.files[path] else { return }
        body.set("init_images", .array([.string(picture.base64)]))
        body.set("denoising_strength", request.strength)
        guard let path = request.maskImage, let mask = job.files[path] else { return }
        body.set("mask", mask.base64)
        // The server's own default crops to the mask, which no other backend here does.
        body.set("inpaint_full_res", false)
        body.set("inpainting_fill", 1)
    }

    private func setHires(_ body: inout JSONBody) {
        guard let hires = request.hires else { return }
        body.set("enable_hr", true)
        body.set("hr_scale", hires.scale)
        body.set("hr_upscaler", "Latent")
        body.set("denoising_strength", hires.strength)
    }

    private func setExtras(_ body: inout JSONBody) {
        let merged = ["override_settings", "alwayson_scripts"]
        let given = A1111.extras.filter {
            request.extras[$0.name] != nil && !merged.contains($0.name)
        }
        body.set(extras: given, of: request)
        var scripts = request.extra("alwayson_scripts", of: A1111.extras)?.members ?? [:]
        if !request.controls.isEmpty {
            scripts[findings.control.script] = findings.control.arguments(of: job)
        }
        if !scripts.isEmpty { body.set("alwayson_scripts", .object(scripts)) }
    }
}
