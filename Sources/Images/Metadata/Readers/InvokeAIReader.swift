import Generation

/// Reads InvokeAI: `invokeai_metadata` of version 3 and later, `sd-metadata` of version 2.
/// Its noise is PyTorch's CPU generator unless the record says otherwise; its weights are compel's.
enum InvokeAIReader {
    static func read(_ texts: MetadataTexts) -> PictureMetadata? {
        if let json = texts.json("invokeai_metadata"), json.members != nil { return read(json) }
        if let json = texts.json("sd-metadata"), json["image"]?.members != nil {
            return readLegacy(json)
        }
        return nil
    }

    private static func read(_ json: JSONValue) -> PictureMetadata {
        var metadata = PictureMetadata()
        metadata.tool = .invokeAI
        metadata.toolVersion = json["app_version"]?.text
        var request = GenerationRequest(prompt: json["positive_prompt"]?.text ?? "")
        request.negativePrompt = json["negative_prompt"]?.filledText
        request.prompt2 = json["positive_style_prompt"]?.filledText
        request.negativePrompt2 = json["negative_style_prompt"]?.filledText
        request.seeds = json["seed"]?.unsigned.map { [$0] } ?? []
        request.steps = json["steps"]?.integer
        request.guidanceScale = json["cfg_scale"]?.double
        request.guidanceRescale = json["cfg_rescale_multiplier"]?.double ?? 0
        request.width = json["width"]?.integer
        request.height = json["height"]?.integer
        setScheduler(json["scheduler"]?.text, in: &request, &metadata)
        request.model = name(json["model"])
        metadata.hashes["model"] = json["model"]?["hash"]?.filledText
        request.vae = name(json["vae"])
        request.refiner = name(json["refiner_model"])
        if let share = json["refiner_start"]?.double { request.highNoiseFraction = share }
        for entry in json["loras"]?.elements ?? [] {
            guard let lora = name(entry["model"] ?? entry["lora"]) else { continue }
            request.loras.append(LoRAReference(name: lora, weight: entry["weight"]?.double ?? 1))
        }
        let seamless = (json["seamless_x"]?.truth ?? false, json["seamless_y"]?.truth ?? false)
        request.tiling =
            switch seamless {
            case (true, true): .both
            case (true, false): .x
            case (false, true): .y
            case (false, false): .none
            }
        request.noiseSource = json["rand_device"]?.text == "cuda" ? .philox : .torch
        warn(json, &metadata, request.prompt)
        metadata.request = request
        return metadata
    }

    private static func warn(
        _ json: JSONValue, _ metadata: inout PictureMetadata, _ prompt: String
    ) {
        if json["generation_mode"]?.text?.contains("img2img") == true || json["init_image"] != nil {
            metadata.warn("it was made from another picture; give it with --init")
        }
        for key in ["controlnets", "ipAdapters", "t2iAdapters"]
        where json[key]?.elements?.isEmpty == false {
            metadata.warn("\(key) are not carried over: their pictures are not recorded")
        }
        if prompt.contains("++") || prompt.contains("--") || prompt.contains(".blend(") {
            metadata.warn(
                "the prompt uses InvokeAI's own weights (word+), which are plain text here")
        }
    }

    /// `dpmpp_2m_k` is a sampler with Karras' schedule.
    private static func setScheduler(
        _ scheduler: String?, in request: inout GenerationRequest, _ metadata: inout PictureMetadata
    ) {
        guard var name = scheduler else { return }
        let isKarras = name.hasSuffix("_k")
        if isKarras { name.removeLast(2) }
        let own = [
            "kdpm_2": "dpm_2", "kdpm_2_a": "dpm_2_ancestral", "dpmpp_2s": "dpmpp_2s_ancestral",
            "k_euler": "euler", "k_euler_a": "euler_a", "k_heun": "heun", "k_lms": "lms",
            "k_dpm_2": "dpm_2", "k_dpm_2_a": "dpm_2_ancestral", "plms": "PLMS",
        ]
        metadata.setSampler(
            own[name] ?? name, schedule: isKarras ? "karras" : nil, in: &request)
    }

    private static func name(_ model: JSONValue?) -> String? {
        model?["name"]?.filledText ?? model?["model_name"]?.filledText ?? model?.filledText
    }

    private static func readLegacy(_ json: JSONValue) -> PictureMetadata {
        var metadata = PictureMetadata()
        metadata.tool = .invokeAI
        metadata.toolVersion = json["app_version"]?.text
        let image = json["image"] ?? .null
        let prompt = image["prompt"]
        var request = GenerationRequest(prompt: prompt?.text ?? prompt?[0]?["prompt"]?.text ?? "")
        request.steps = image["steps"]?.integer
        request.guidanceScale = image["cfg_scale"]?.double
        request.seeds = image["seed"]?.unsigned.map { [$0] } ?? []
        request.width = image["width"]?.integer
        request.height = image["height"]?.integer
        request.model = json["model_weights"]?.filledText
        metadata.hashes["model"] = json["model_hash"]?.filledText
        setScheduler(image["sampler"]?.text, in: &request, &metadata)
        metadata.request = request
        return metadata
    }
}
