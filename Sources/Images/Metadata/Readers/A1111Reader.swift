import Generation

/// Reads A1111's `parameters` text and its dialects: Forge, SD.Next, Civitai, and ComfyUI nodes
/// that write the same form.
enum A1111Reader {
    static func read(_ texts: MetadataTexts) -> PictureMetadata? {
        texts.parameters.flatMap { A1111Text($0) }.map { read($0) }
    }

    static func read(_ text: A1111Text) -> PictureMetadata {
        var metadata = PictureMetadata()
        let version = text.pairs["Version"]
        metadata.tool = tool(of: text)
        metadata.toolVersion = version
        var request = GenerationRequest(prompt: text.prompt)
        request.negativePrompt = text.negativePrompt
        readSampling(text.pairs, into: &request, &metadata)
        readModel(text.pairs, into: &request, &metadata)
        readNoise(text.pairs, into: &request, &metadata)
        readConditions(text.pairs, into: &request, &metadata)
        metadata.hashes = hashes(of: text.pairs)
        metadata.request = request
        return metadata
    }

    private static func tool(of text: A1111Text) -> SourceTool {
        let version = text.pairs["Version"] ?? ""
        if version == "ComfyUI" { return .comfyUI }
        if text.pairs["App"]?.hasPrefix("SD.Next") == true { return .sdNext }
        if version.hasPrefix("latent") { return .latent }
        let isForge = version.first == "f" && version.dropFirst().first?.isNumber == true
        return isForge || version == "neo" ? .forge : .a1111
    }

    // MARK: Fields

    private static func readSampling(
        _ pairs: [String: String], into request: inout GenerationRequest,
        _ metadata: inout PictureMetadata
    ) {
        request.steps = pairs["Steps"].flatMap { Int($0) }
        request.guidanceScale = pairs["CFG scale"].flatMap { Double($0) }
        if let seed = pairs["Seed"].flatMap({ UInt64($0) }) { request.seeds = [seed] }
        let size = pairs["Size"]?.split(separator: "x").compactMap { Int($0) } ?? []
        if size.count == 2 { (request.width, request.height) = (size[0], size[1]) }
        metadata.setSampler(pairs["Sampler"], schedule: pairs["Schedule type"], in: &request)
        if let rescale = (pairs["CFG rescale"] ?? pairs["CFG Rescale φ"]).flatMap({ Double($0) }) {
            request.guidanceRescale = rescale
        }
        for key in ["Eta", "Sigma churn", "Schedule min sigma", "Schedule max sigma"] {
            if let value = pairs[key] { metadata.warn("\(key) \(value) has no counterpart") }
        }
    }

    private static func readModel(
        _ pairs: [String: String], into request: inout GenerationRequest,
        _ metadata: inout PictureMetadata
    ) {
        request.model = pairs["Model"]
        if let vae = pairs["VAE"], !["Automatic", "None"].contains(vae) { request.vae = vae }
        if let refiner = pairs["Refiner"] {
            // "sd_xl_refiner_1.0 [7440042bbd]"
            request.refiner = refiner.split(separator: " [").first.map { String($0) }
            if let share = pairs["Refiner switch at"].flatMap({ Double($0) }) {
                request.highNoiseFraction = share
            }
        }
    }

    private static func readNoise(
        _ pairs: [String: String], into request: inout GenerationRequest,
        _ metadata: inout PictureMetadata
    ) {
        switch pairs["RNG"] {
        case "CPU": request.noiseSource = .torch
        case "NV": request.noiseSource = .philox
        case nil where metadata.tool == .comfyUI: request.noiseSource = .torch
        case nil where metadata.tool == .latent: break
        default:
            request.noiseSource = .philox
            metadata.warn(
                "the noise source is not recorded, which means a GPU's; CUDA's Philox is used, "
                    + "try --rng torch when the picture differs")
        }
        request.variationSeed = pairs["Variation seed"].flatMap { UInt64($0) }
        if let strength = pairs["Variation seed strength"].flatMap({ Double($0) }) {
            request.variationStrength = strength
        }
        if let delta = pairs["ENSD"], delta != "0" {
            metadata.warn("ENSD \(delta) changes the noise of ancestral samplers only there")
        }
        if let size = pairs["Seed resize from"] {
            metadata.warn("seed resize from \(size) has no counterpart")
        }
    }

    private static func readConditions(
        _ pairs: [String: String], into request: inout GenerationRequest,
        _ metadata: inout PictureMetadata
    ) {
        if metadata.tool == .comfyUI { request.promptWeighting = .comfy }
        // SDXL always reads the penultimate layer there, whatever the setting says.
        if let skip = pairs["Clip skip"].flatMap({ Int($0) }), skip > 2 {
            request.clipSkip = skip
            metadata.warn("clip skip \(skip): SDXL in that tool reads the penultimate layer anyway")
        }
        switch pairs["Emphasis"] {
        case "None", "Ignore": request.promptWeighting = .none
        case "No norm": metadata.warn("emphasis without normalisation weighs words differently")
        default: break
        }
        if pairs["Tiling"] == "True" { request.tiling = .both }
        readSecondPass(pairs, into: &request, &metadata)
        let unsupported = pairs.keys.filter {
            $0.hasPrefix("ControlNet") || $0.hasPrefix("ADetailer") || $0 == "Mask blur"
                || $0.hasPrefix("Token merging") || $0 == "FreeU" || $0 == "Face restoration"
        }
        for key in unsupported.sorted() {
            metadata.warn("\(key) is not carried over: its settings or pictures are not recorded")
        }
    }

    private static func readSecondPass(
        _ pairs: [String: String], into request: inout GenerationRequest,
        _ metadata: inout PictureMetadata
    ) {
        let strength = pairs["Denoising strength"].flatMap { Double($0) }
        guard let scale = pairs["Hires upscale"].flatMap({ Double($0) }) else {
            if strength != nil {
                metadata.warn(
                    "it was made from another picture, which is not recorded; give it with --init")
            }
            return
        }
        request.hires = HiresPass(scale: scale, strength: strength ?? 0.7)
        if let upscaler = pairs["Hires upscaler"] {
            metadata.warn("the second pass used the upscaler \(upscaler)")
        }
    }

    // MARK: Hashes

    /// Hashes by role, from Civitai's object first, then from the older keys.
    static func hashes(of pairs: [String: String]) -> [String: String] {
        var hashes: [String: String] = [:]
        let members = pairs["Hashes"].flatMap { JSONValue(parsing: $0) }?.members ?? [:]
        for (role, hash) in members {
            hashes[role.replacing(/^embed:/, with: "embedding:")] = hash.text
        }
        hashes["model"] = hashes["model"] ?? pairs["Model hash"]
        hashes["vae"] = hashes["vae"] ?? pairs["VAE hash"]
        for (key, role) in [("Lora hashes", "lora:"), ("TI hashes", "embedding:")] {
            for part in pairs[key]?.split(separator: ",") ?? [] {
                let words = part.split(separator: ":").map { $0.drop { $0 == " " } }
                guard words.count == 2, hashes[role + words[0]] == nil else { continue }
                hashes[role + words[0]] = String(words[1])
            }
        }
        return hashes
    }
}

extension PictureMetadata {
    /// Sets solver and schedule from another tool's names; unknown names are a warning.
    mutating func setSampler(
        _ name: String?, schedule: String?, in request: inout GenerationRequest
    ) {
        if let name {
            if let found = SamplerNames.read(name) {
                request.sampler = found.sampler
                if let implied = found.schedule { request.schedule = implied }
            } else {
                warn("the sampler \(name) is not known here; the model's own is used")
            }
        }
        guard let schedule else { return }
        if let found = SamplerNames.readSchedule(schedule) {
            if found != .default || request.schedule == .default { request.schedule = found }
        } else {
            warn("the schedule \(schedule) is not known here; the model's own is used")
        }
    }
}
