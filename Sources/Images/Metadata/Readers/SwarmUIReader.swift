import Generation

/// Reads SwarmUI's JSON (docs/Image Metadata Format.md): `sui_image_params` under the same keyword
/// that A1111 uses. Values may be strings. Its default backend is ComfyUI.
enum SwarmUIReader {
    static func read(_ texts: MetadataTexts) -> PictureMetadata? {
        guard let json = texts.parameters.flatMap({ JSONValue(parsing: $0) }),
            let parameters = json["sui_image_params"], parameters.members != nil
        else { return nil }
        var metadata = PictureMetadata()
        metadata.tool = .swarmUI
        metadata.toolVersion = parameters["swarm_version"]?.text
        var request = GenerationRequest(prompt: parameters["prompt"]?.text ?? "")
        request.negativePrompt = parameters["negativeprompt"]?.filledText
        let typed = json["sui_extra_data"]?["original_prompt"]?.filledText
        if let typed, typed != request.prompt {
            request.expansion = PromptExpansion(
                prompt: request.prompt, negativePrompt: request.negativePrompt)
            request.prompt = typed
        }
        request.promptWeighting = .comfy
        request.steps = parameters["steps"]?.integer
        request.guidanceScale = parameters["cfgscale"]?.double
        request.seeds = parameters["seed"]?.unsigned.map { [$0] } ?? []
        request.width = parameters["width"]?.integer
        request.height = parameters["height"]?.integer
        request.model = parameters["model"]?.filledText
        if let vae = parameters["vae"]?.filledText, vae != "Automatic" { request.vae = vae }
        metadata.setSampler(
            parameters["sampler"]?.text, schedule: parameters["scheduler"]?.text, in: &request)
        readDetails(parameters, into: &request, &metadata)
        for model in json["sui_models"]?.elements ?? [] where model["param"]?.text == "model" {
            metadata.hashes["model"] = model["hash"]?.filledText.map {
                $0.hasPrefix("0x") ? String($0.dropFirst(2)) : $0
            }
        }
        metadata.warnStochasticSampler(of: request)
        metadata.request = request
        return metadata
    }

    private static func readDetails(
        _ parameters: JSONValue, into request: inout GenerationRequest,
        _ metadata: inout PictureMetadata
    ) {
        request.variationSeed = parameters["variationseed"]?.unsigned
        request.variationStrength = parameters["variationseedstrength"]?.double ?? 0
        if let layer = parameters["clipstopatlayer"]?.integer, (-12 ... -1).contains(layer) {
            request.clipSkip = -layer
        }
        let names = list(parameters["loras"])
        let weights = list(parameters["loraweights"]).map { Double($0) ?? 1 }
        for (index, name) in names.enumerated() {
            let weight = index < weights.count ? weights[index] : 1
            request.loras.append(LoRAReference(name: name, weight: weight))
        }
        if parameters["seamlesstileable"]?.truth == true { request.tiling = .both }
        if parameters["initimage"] != nil || parameters["initimagecreativity"] != nil {
            metadata.warn(
                "it was made from another picture, which is not recorded; give it with --init")
        }
        if let refiner = parameters["refinermodel"]?.filledText {
            request.refiner = refiner
            if let share = parameters["refinercontrolpercentage"]?.double {
                request.highNoiseFraction = 1 - share
            }
        }
    }

    /// A list, or a text with commas.
    private static func list(_ value: JSONValue?) -> [String] {
        if let elements = value?.elements {
            return elements.compactMap { element in
                if case .number(let literal) = element { literal } else { element.filledText }
            }
        }
        return value?.filledText?.split(separator: ",").map { String($0) } ?? []
    }
}

extension PictureMetadata {
    /// ComfyUI draws a stochastic solver's noise on the device that computes.
    mutating func warnStochasticSampler(of request: GenerationRequest) {
        switch request.sampler {
        case .eulerAncestral, .dpm2Ancestral, .dpmpp2sAncestral, .dpmppSDE, .dpmpp2mSDE,
            .dpmpp3mSDE, .ddpm, .lcm:
            warn("the sampler's own noise was drawn on that machine's device and will differ")
        default: break
        }
    }
}
