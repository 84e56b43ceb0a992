import Foundation
import Generation

/// Reads the JSON behind `SDCPP: ` in the `parameters` of stable-diffusion.cpp (schema
/// `sdcpp.image.params/v1`); files of older versions have A1111's form only.
enum StableDiffusionCppReader {
    static func read(_ texts: MetadataTexts) -> PictureMetadata? {
        guard let text = texts.parameters ?? xmpParameters(texts) else { return nil }
        if let marker = text.range(of: "SDCPP: {"),
            let json = JSONValue(parsingPrefixOf: text[text.index(before: marker.upperBound)...])
        {
            return read(json)
        }
        guard let parts = A1111Text(text), parts.pairs["Version"] == "stable-diffusion.cpp" else {
            return nil
        }
        return read(parts)
    }

    private static func xmpParameters(_ texts: MetadataTexts) -> String? {
        guard let xmp = texts.text("XMP"), xmp.contains("sdcpp:parameters") else { return nil }
        return xmp.replacing("&quot;", with: "\"").replacing("&lt;", with: "<")
            .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }

    private static func read(_ json: JSONValue) -> PictureMetadata {
        var metadata = PictureMetadata()
        metadata.tool = .stableDiffusionCpp
        metadata.toolVersion = json["generator"]?["version"]?.text
        var request = GenerationRequest(prompt: json["prompt"]?["positive"]?.text ?? "")
        request.negativePrompt = json["prompt"]?["negative"]?.filledText
        request.seeds = json["seed"]?.unsigned.map { [$0] } ?? []
        request.width = json["width"]?.integer
        request.height = json["height"]?.integer
        let sampling = json["sampling"] ?? .null
        request.steps = sampling["steps"]?.integer
        request.guidanceScale = sampling["guidance"]?["txt_cfg"]?.double
        let method = sampling["method"] ?? sampling["sample_method"]
        metadata.setSampler(
            method?.text, schedule: schedule(sampling["scheduler"]?.text), in: &request)
        let models = json["models"] ?? .null
        request.model = models["model"]?.filledText ?? models["diffusion_model"]?.filledText
        request.vae = models["vae"]?.filledText
        for lora in json["loras"]?.elements ?? [] {
            guard let name = lora["name"]?.filledText else { continue }
            request.loras.append(
                LoRAReference(name: name, weight: lora["multiplier"]?.double ?? 1))
        }
        readNoise(json["rng"]?.text, json["sampler_rng"]?.text, into: &request, &metadata)
        readPasses(json, into: &request, &metadata)
        metadata.request = request
        return metadata
    }

    private static func read(_ parts: A1111Text) -> PictureMetadata {
        var pairs = parts.pairs
        // "<sampler> <scheduler>", both in the tool's own spelling.
        let words = pairs["Sampler"]?.split(separator: " ") ?? []
        if words.count > 1 {
            pairs["Sampler"] = String(words[0])
            pairs["Schedule type"] = schedule(String(words[1]))
        }
        let rng = pairs.removeValue(forKey: "RNG")
        var text = parts
        text.pairs = pairs
        var metadata = A1111Reader.read(text)
        metadata.tool = .stableDiffusionCpp
        metadata.warnings.removeAll { $0.hasPrefix("the noise source is not recorded") }
        if var request = metadata.request {
            readNoise(rng, pairs["Sampler RNG"], into: &request, &metadata)
            metadata.request = request
        }
        return metadata
    }

    private static func schedule(_ name: String?) -> String? {
        name == "discrete" || name == "default" ? "normal" : name
    }

    /// `cuda` is Philox, `cpu` PyTorch's generator; `std_default` is the C++ library's.
    private static func readNoise(
        _ initial: String?, _ sampler: String?, into request: inout GenerationRequest,
        _ metadata: inout PictureMetadata
    ) {
        request.noiseSource = initial == "cpu" ? .torch : .philox
        if let initial, !["cpu", "cuda"].contains(initial) {
            metadata.warn("the noise source \(initial) is not known here")
        }
        if let initial, let sampler, sampler != initial {
            metadata.warn("the sampler drew its noise from another source (\(sampler))")
        }
    }

    private static func readPasses(
        _ json: JSONValue, into request: inout GenerationRequest, _ metadata: inout PictureMetadata
    ) {
        if let skip = json["clip_skip"]?.integer, skip > 0 { request.clipSkip = skip }
        if let hires = json["hires"], hires["enabled"]?.truth == true {
            request.hires = HiresPass(
                scale: hires["scale"]?.double ?? 2,
                strength: hires["denoising_strength"]?.double ?? 0.7)
        }
        if json["mode"]?.text == "img2img" || json["init_image"] != nil {
            metadata.warn(
                "it was made from another picture, which is not recorded; give it with --init")
        }
        if let eta = json["sampling"]?["eta"]?.double, eta != 0, eta != 1 {
            metadata.warn("eta \(eta) has no counterpart")
        }
    }
}
