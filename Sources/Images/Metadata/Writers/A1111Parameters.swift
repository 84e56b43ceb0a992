import Foundation
import Generation
import Hashing

/// Writes the `parameters` text of A1111's web UI, which A1111 and its relatives, Civitai and most
/// galleries read (`create_infotext` in modules/processing.py).
public enum A1111Parameters {
    /// PNG keyword of the text.
    public static let keyword = "parameters"

    /// The text for one picture: prompt, negative prompt, one line of parameters.
    ///
    /// - Parameters:
    ///   - record: request with all defaults filled in; its first seed is written.
    ///   - width: pixels of the finished picture.
    ///   - height: pixels of the finished picture.
    public static func text(for record: PictureRecord, width: Int, height: Int) -> String {
        let request = record.request
        var lines = [prompt(of: request)]
        if let negative = request.effectiveNegativePrompt, !negative.isEmpty {
            lines.append("Negative prompt: " + negative)
        }
        var pairs = samplingPairs(request, width: width, height: height)
        pairs += modelPairs(record) + variationPairs(request) + conditionPairs(request)
        pairs += loraPairs(record)
        pairs.append(("Schedule type", SamplerNames.a1111Name(of: request.schedule)))
        pairs.append(("Version", record.engine?.program ?? "latent"))
        var line = pairs.map { "\($0): \(quoted($1))" }.joined(separator: ", ")
        // Civitai's extension appends this one unquoted, and the site expects it so.
        if let hashes = hashes(of: record) { line += ", Hashes: " + hashes }
        lines.append(line)
        return lines.joined(separator: "\n")
    }

    private typealias Pairs = [(String, String)]

    /// The prompt with every LoRA as a tag, because readers know LoRAs only from there.
    private static func prompt(of request: GenerationRequest) -> String {
        let prompt = request.effectivePrompt
        let tags = request.loras.compactMap { lora -> String? in
            let name = baseName(lora.name)
            return prompt.contains("<lora:\(name):")
                ? nil : "<lora:\(name):\(number(lora.weight))>"
        }
        return ([prompt] + tags).joined(separator: " ")
    }

    private static func samplingPairs(
        _ request: GenerationRequest, width: Int, height: Int
    ) -> Pairs {
        var pairs: Pairs = []
        if let steps = request.steps { pairs.append(("Steps", String(steps))) }
        if let sampler = request.sampler {
            pairs.append(("Sampler", SamplerNames.a1111Name(of: sampler)))
        }
        if let scale = request.guidanceScale { pairs.append(("CFG scale", number(scale))) }
        if let seed = request.seeds.first { pairs.append(("Seed", String(seed))) }
        pairs.append(("Size", "\(request.width ?? width)x\(request.height ?? height)"))
        return pairs
    }

    private static func modelPairs(_ record: PictureRecord) -> Pairs {
        var pairs: Pairs = []
        if let hash = record.modelHashes["model"] {
            pairs.append(("Model hash", String(hash.prefix(10))))
        }
        if let model = record.request.model { pairs.append(("Model", baseName(model))) }
        if let hash = record.modelHashes["vae"] {
            pairs.append(("VAE hash", String(hash.prefix(10))))
        }
        if let vae = record.request.vae { pairs.append(("VAE", baseName(vae))) }
        return pairs
    }

    private static func variationPairs(_ request: GenerationRequest) -> Pairs {
        var pairs: Pairs = []
        if let seed = request.variationSeed, request.variationStrength > 0 {
            pairs.append(("Variation seed", String(seed)))
            pairs.append(("Variation seed strength", number(request.variationStrength)))
        }
        if request.initImage != nil || request.hires != nil,
            let strength = request.hires?.strength ?? request.strength
        {
            pairs.append(("Denoising strength", number(strength)))
        }
        return pairs
    }

    private static func conditionPairs(_ request: GenerationRequest) -> Pairs {
        var pairs: Pairs = []
        let skip = request.clipSkip ?? 2
        if skip > 1 { pairs.append(("Clip skip", String(skip))) }
        pairs.append(("RNG", request.noiseSource == .torch ? "CPU" : "NV"))
        if request.tiling != .none { pairs.append(("Tiling", "True")) }
        if let hires = request.hires {
            pairs.append(("Hires upscale", number(hires.scale)))
            pairs.append(("Hires upscaler", hires.upscaler == .latent ? "Latent" : "Lanczos"))
        }
        if request.maskImage != nil, request.maskFeather > 0 {
            pairs.append(("Mask blur", String(request.maskFeather)))
        }
        if let padding = request.maskPadding {
            pairs.append(("Masked area padding", String(padding)))
        }
        if let refiner = request.refiner {
            pairs.append(("Refiner", baseName(refiner)))
            pairs.append(("Refiner switch at", number(request.highNoiseFraction)))
        }
        if request.guidanceRescale > 0 {
            pairs.append(("CFG rescale", number(request.guidanceRescale)))
        }
        return pairs
    }

    private static func loraPairs(_ record: PictureRecord) -> Pairs {
        let hashes = record.modelHashes.filter { $0.key.hasPrefix("lora:") }
            .sorted { $0.key < $1.key }
            .map { "\($0.key.dropFirst("lora:".count)): \($0.value.prefix(12))" }
        return hashes.isEmpty ? [] : [("Lora hashes", hashes.joined(separator: ", "))]
    }

    /// Civitai's resource hashes as a JSON object: ten digits of each SHA-256.
    private static func hashes(of record: PictureRecord) -> String? {
        let known = record.modelHashes.compactMap { role, hash -> (String, String)? in
            let name = role.replacing(/^embedding:/, with: "embed:")
            let isKnown =
                ["model", "vae"].contains(name) || name.hasPrefix("lora:")
                || name.hasPrefix("embed:")
            return isKnown ? (name, String(hash.prefix(10))) : nil
        }
        guard !known.isEmpty else { return nil }
        let members = known.sorted { $0.0 < $1.0 }.map { "\(json($0)): \(json($1))" }
        return "{" + members.joined(separator: ", ") + "}"
    }

    // MARK: Spelling

    /// A1111's `quote`: a value with a comma, colon or line break becomes a JSON string.
    static func quoted(_ value: String) -> String {
        value.contains { $0 == "," || $0 == ":" || $0.isNewline } ? json(value) : value
    }

    /// A JSON string in which only what must be escaped is escaped.
    static func json(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A number as Python prints it in a UI: 7.0 as `7`.
    static func number(_ value: Double) -> String {
        Int(exactly: value).map { String($0) } ?? String(value)
    }

    /// The last component of a path without the extension of a weight file: no folder leaves the
    /// machine.
    static func baseName(_ path: String) -> String {
        let name = path.split(separator: "/").last.map { String($0) } ?? path
        for suffix in [".safetensors", ".ckpt", ".pt", ".gguf"] where name.hasSuffix(suffix) {
            return String(name.dropLast(suffix.count))
        }
        return name
    }
}
