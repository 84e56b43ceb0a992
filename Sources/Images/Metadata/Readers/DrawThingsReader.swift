import Generation

/// Reads Draw Things: JSON with short keys (`c`, `uc`, ...) and the whole configuration under `v2`,
/// in the PNG's `Comment` or XMP, or in EXIF `UserComment`.
enum DrawThingsReader {
    static func read(_ texts: MetadataTexts) -> PictureMetadata? {
        let candidates = ["Comment", "UserComment", "parameters"].compactMap { texts.json($0) }
        guard let json = candidates.first(where: { $0["c"]?.text != nil && $0["steps"] != nil })
        else { return nil }
        var metadata = PictureMetadata()
        metadata.tool = .drawThings
        var request = GenerationRequest(prompt: json["c"]?.text ?? "")
        request.negativePrompt = json["uc"]?.filledText
        let details = json["v2"] ?? .null
        request.steps = json["steps"]?.integer ?? details["steps"]?.integer
        request.guidanceScale = json["scale"]?.double ?? details["guidanceScale"]?.double
        request.seeds = (json["seed"] ?? details["seed"])?.unsigned.map { [$0] } ?? []
        let size = json["size"]?.text?.split(separator: "x").compactMap { Int($0) } ?? []
        if size.count == 2 { (request.width, request.height) = (size[0], size[1]) }
        request.model = (json["model"] ?? details["model"])?.filledText
        setSampler(json["sampler"]?.text, in: &request, &metadata)
        for lora in (json["lora"] ?? details["loras"])?.elements ?? [] {
            guard let name = (lora["model"] ?? lora["file"])?.filledText else { continue }
            request.loras.append(LoRAReference(name: name, weight: lora["weight"]?.double ?? 1))
        }
        if let skip = details["clipSkip"]?.integer, (1...12).contains(skip) {
            request.clipSkip = max(2, skip)
        }
        if let refiner = details["refinerModel"]?.filledText {
            request.refiner = refiner
            request.highNoiseFraction = details["refinerStart"]?.double ?? 0.8
        }
        readNoise(json, details, into: &request, &metadata)
        if let strength = json["strength"]?.double, strength < 1 {
            metadata.warn(
                "it was made from another picture, which is not recorded; give it with --init")
        }
        metadata.request = request
        return metadata
    }

    private static func setSampler(
        _ name: String?, in request: inout GenerationRequest, _ metadata: inout PictureMetadata
    ) {
        guard let name else { return }
        let schedules = [" Trailing": "simple", " AYS": "ays", " Substep": "normal"]
        for (suffix, schedule) in schedules where name.hasSuffix(suffix) {
            metadata.setSampler(
                String(name.dropLast(suffix.count)), schedule: schedule, in: &request)
            return
        }
        metadata.setSampler(name, schedule: nil, in: &request)
    }

    /// Seed modes: legacy, torch CPU, scale alike, NVIDIA.
    private static func readNoise(
        _ json: JSONValue, _ details: JSONValue, into request: inout GenerationRequest,
        _ metadata: inout PictureMetadata
    ) {
        let number = details["seedMode"]?.integer
        let name = json["seed_mode"]?.text ?? details["seedMode"]?.text ?? ""
        if number == 1 || name.hasPrefix("Torch") {
            request.noiseSource = .torch
        } else if number == 3 || name.hasPrefix("NVIDIA") || name.hasPrefix("Nvidia") {
            request.noiseSource = .philox
        } else {
            metadata.warn("its seed mode (legacy or scale alike) draws other noise from a seed")
        }
    }
}
