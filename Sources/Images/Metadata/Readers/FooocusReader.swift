import Foundation
import Generation

/// Reads both schemes of Fooocus (modules/meta_parser.py): its own JSON, and A1111's form with
/// additional keys. Its noise and its weights are PyTorch's CPU generator and A1111's arithmetic.
enum FooocusReader {
    static func read(_ texts: MetadataTexts) -> PictureMetadata? {
        guard let text = texts.parameters else { return nil }
        let scheme = texts.text("fooocus_scheme")
        if let json = JSONValue(parsing: text) {
            let isOurs =
                scheme == "fooocus" || json["metadata_scheme"]?.text == "fooocus"
                || json["version"]?.text?.hasPrefix("Fooocus") == true
            return isOurs ? read(json) : nil
        }
        guard let parts = A1111Text(text),
            scheme == "a1111" || parts.pairs["Version"]?.hasPrefix("Fooocus") == true
        else { return nil }
        return read(parts)
    }

    private static func read(_ json: JSONValue) -> PictureMetadata {
        var metadata = PictureMetadata()
        metadata.tool = .fooocus
        metadata.toolVersion = json["version"]?.text
        var request = GenerationRequest(prompt: json["prompt"]?.text ?? "")
        request.negativePrompt = json["negative_prompt"]?.filledText
        // What the encoders really read, after styles and expansion.
        let full = json["full_prompt"]?.elements?.compactMap(\.text) ?? []
        if !full.isEmpty {
            let negative = json["full_negative_prompt"]?.elements?.compactMap(\.text) ?? []
            request.expansion = PromptExpansion(
                prompt: full.joined(separator: ", "),
                negativePrompt: negative.isEmpty ? nil : negative.joined(separator: ", "))
        }
        request.steps = json["steps"]?.integer
        request.guidanceScale = json["guidance_scale"]?.double
        request.seeds = json["seed"]?.unsigned.map { [$0] } ?? []
        let size = numbers(json["resolution"]?.text)
        if size.count == 2 { (request.width, request.height) = (size[0], size[1]) }
        metadata.setSampler(
            json["sampler"]?.text, schedule: json["scheduler"]?.text, in: &request)
        request.model = json["base_model"]?.filledText
        metadata.hashes["model"] = json["base_model_hash"]?.filledText
        if let refiner = json["refiner_model"]?.filledText, refiner != "None" {
            request.refiner = refiner
            if let share = json["refiner_switch"]?.double { request.highNoiseFraction = share }
        }
        if let vae = json["vae"]?.filledText, !vae.hasPrefix("Default") { request.vae = vae }
        readLoRAs(json, into: &request, &metadata)
        warn(
            &metadata, styles: json["styles"]?.text, sharpness: json["sharpness"]?.double,
            adm: json["adm_guidance"]?.text)
        metadata.request = request
        return metadata
    }

    private static func readLoRAs(
        _ json: JSONValue, into request: inout GenerationRequest, _ metadata: inout PictureMetadata
    ) {
        for entry in json["loras"]?.elements ?? [] {
            guard let name = entry[0]?.filledText, name != "None" else { continue }
            request.loras.append(LoRAReference(name: name, weight: entry[1]?.double ?? 1))
            metadata.hashes["lora:\(name)"] = entry[2]?.filledText
        }
        guard request.loras.isEmpty else { return }
        for number in 1...20 {
            guard let text = json["lora_combined_\(number)"]?.text,
                let colon = text.range(of: " : ", options: .backwards)
            else { continue }
            let weight = Double(text[colon.upperBound...]) ?? 1
            request.loras.append(
                LoRAReference(name: String(text[..<colon.lowerBound]), weight: weight))
        }
    }

    private static func read(_ parts: A1111Text) -> PictureMetadata {
        var metadata = A1111Reader.read(parts)
        metadata.tool = .fooocus
        metadata.warnings.removeAll { $0.hasPrefix("the noise source is not recorded") }
        if var request = metadata.request {
            request.noiseSource = .torch
            if let raw = parts.pairs["Raw prompt"] {
                request.expansion = PromptExpansion(
                    prompt: request.prompt, negativePrompt: request.negativePrompt)
                request.prompt = raw
                request.negativePrompt = parts.pairs["Raw negative prompt"]
            }
            readWeights(parts.pairs, into: &request)
            metadata.request = request
        }
        warn(
            &metadata, styles: parts.pairs["Styles"],
            sharpness: parts.pairs["Sharpness"].flatMap { Double($0) },
            adm: parts.pairs["ADM Guidance"])
        return metadata
    }

    /// `Lora weights: "name: 0.5, other: 1.0"`.
    private static func readWeights(
        _ pairs: [String: String], into request: inout GenerationRequest
    ) {
        for part in pairs["Lora weights"]?.split(separator: ",") ?? [] {
            let words = part.split(separator: ":").map { $0.drop { $0 == " " } }
            guard words.count == 2, let weight = Double(words[1]) else { continue }
            request.loras.append(LoRAReference(name: String(words[0]), weight: weight))
        }
    }

    private static func warn(
        _ metadata: inout PictureMetadata, styles: String?, sharpness: Double?, adm: String?
    ) {
        if let styles, styles != "[]" {
            metadata.warn("its styles \(styles) are in the expanded prompt, joined by commas")
        }
        if let sharpness, sharpness != 0 {
            metadata.warn("sharpness \(sharpness) has no counterpart")
        }
        if let adm { metadata.warn("ADM guidance \(adm) has no counterpart") }
    }

    /// The whole numbers in a text like `(1152, 896)`.
    private static func numbers(_ text: String?) -> [Int] {
        (text ?? "").split { !$0.isNumber }.compactMap { Int($0) }
    }
}
