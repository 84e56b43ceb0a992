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
        request.steps = number("Steps", pairs, in: 1...1000, &metadata).flatMap { Int(exactly: $0) }
        request.guidanceScale = number("CFG scale", pairs, in: -1000...1000, &metadata)
        if let seed = pairs["Seed"].flatMap({ UInt64($0) }) { request.seeds = [seed] }
        readSize(pairs["Size"], into: &request, &metadata)
        metadata.setSampler(pairs["Sampler"], schedule: pairs["Schedule type"], in: &request)
        if let rescale = number("CFG rescale", pairs, in: 0...1, &metadata)
            ?? number("CFG Rescale φ", pairs, in: 0...1, &metadata)
        {
            request.guidanceRescale = rescale
        }
        for key in ["Eta", "Sigma churn", "Schedule min sigma", "Schedule max sigma"] {
            if let value = pairs[key] { metadata.warn("\(key) \(value) has no counterpart") }
        }
    }

    private static func readSize(
        _ text: String?, into request: inout GenerationRequest, _ metadata: inout PictureMetadata
    ) {
        let size = text?.split(separator: "x").compactMap { Double($0) } ?? []
        guard let text, size.count == 2 else { return }
        let sides = size.filter { (64...16384).contains($0) }.compactMap { Int(exactly: $0) }
        guard sides.count == 2 else {
            return metadata.warn("Size \(text) is out of range and left out")
        }
        (request.width, request.height) = (sides[0], sides[1])
    }

    /// The number behind a key. One that no request can have is a warning: `1e999` is no number in
    /// JSON, and such a request could not be recorded.
    private static func number(
        _ key: String, _ pairs: [String: String], in range: ClosedRange<Double>,
        _ metadata: inout PictureMetadata
    ) -> Double? {
        guard let text = pairs[key], let value = Double(text) else { return nil }
        guard range.contains(value) else {
            metadata.warn("\(key) \(text) is out of range and left out")
            return nil
        }
        return value
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
            if let share = number("Refiner switch at", pairs, in: 0...1, &metadata) {
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
        if let strength = number("Variation seed strength", pairs, in: 0...1, &metadata) {
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
        if let skip = pairs["Clip skip"].flatMap({ Int($0) }), skip >= 2 {
            request.clipSkip = skip
            if skip > 2 {
                metadata.warn(
                    "clip skip \(skip): SDXL in that tool reads the penultimate layer anyway")
            }
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
        let strength = number("Denoising strength", pairs, in: 0...1, &metadata)
        guard let scale = number("Hires upscale", pairs, in: 1...16, &metadata) else {
            if strength != nil {
                metadata.warn(
                    "it was made from another picture, which is not recorded; give it with --init")
            }
            return
        }
        guard scale > 1 else { return }
        var pass = HiresPass(scale: scale, strength: strength ?? 0.7)
        if let upscaler = pairs["Hires upscaler"] {
            pass.upscaler = upscaler.hasPrefix("Latent") ? .latent : .pixels
            if !["Latent", "Lanczos"].contains(upscaler) {
                metadata.warn("the second pass used the upscaler \(upscaler)")
            }
        }
        request.hires = pass
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
