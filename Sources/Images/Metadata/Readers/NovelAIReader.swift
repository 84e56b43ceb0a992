import Generation

/// Reads NovelAI: `Software` names it, `Comment` is JSON. Its models cannot be run elsewhere.
enum NovelAIReader {
    static func read(_ texts: MetadataTexts) -> PictureMetadata? {
        guard texts.text("Software") == "NovelAI", let json = texts.json("Comment") else {
            return nil
        }
        var metadata = PictureMetadata()
        metadata.tool = .novelAI
        metadata.toolVersion = texts.text("Source")
        let prompt = json["prompt"]?.text ?? texts.text("Description") ?? ""
        var request = GenerationRequest(prompt: prompt)
        request.negativePrompt = json["uc"]?.filledText
        request.steps = json["steps"]?.integer
        request.guidanceScale = json["scale"]?.double
        request.guidanceRescale = json["cfg_rescale"]?.double ?? 0
        request.seeds = json["seed"]?.unsigned.map { [$0] } ?? []
        request.width = json["width"]?.integer
        request.height = json["height"]?.integer
        var sampler = json["sampler"]?.text
        if let name = sampler, name.hasPrefix("k_") { sampler = String(name.dropFirst(2)) }
        let schedule = json["noise_schedule"]?.text
        metadata.setSampler(
            sampler, schedule: schedule == "native" ? nil : schedule, in: &request)
        metadata.warn("it was made by a service whose model is not public; the picture will differ")
        if prompt.contains("{") || prompt.contains("[") {
            metadata.warn("braces strengthen words there, by 1.05 each; here they are plain text")
        }
        metadata.request = request
        return metadata
    }
}
