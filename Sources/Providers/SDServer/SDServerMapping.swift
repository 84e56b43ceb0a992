import Generation
import Images

/// What a server was found to have.
struct SDServerFindings: Hashable, Sendable {
    var sampler: String?
    var schedule: String?
    /// LoRA files, by the name that was asked for.
    var loraPaths: [String: String] = [:]
    /// Pictures per job.
    var longestBatch = 1

    /// Reads `/sdcpp/v1/capabilities`.
    ///
    /// - Throws: ``RemoteError`` when the server lacks what the request needs.
    init(_ json: JSONValue, for request: GenerationRequest) throws {
        longestBatch = max(1, min(64, json["limits"]?["max_batch_count"]?.integer ?? 1))
        if let sampler = request.sampler {
            self.sampler = try Self.choice(
                SamplerNames.allNames(of: sampler), json["samplers"], "sampler")
        }
        if request.schedule != .default {
            schedule = try Self.choice(
                SamplerNames.allNames(of: request.schedule), json["schedulers"], "schedule")
        }
        let known = (json["loras"]?.elements ?? []).compactMap { $0["path"]?.text }
        for lora in ServerPrompt(request).resolved(request.loras).loras {
            guard let path = NameMatch.findFile(lora.name, among: known) else {
                throw RemoteError(
                    .notFound, "sd-server has no LoRA \(printable(lora.name, limit: 80))",
                    hint: "it has: \(NameMatch.excerpt(known))")
            }
            loraPaths[lora.name] = path
        }
        try checkModel(json["model"], request.model)
        try checkSize(json["limits"], request)
    }

    private static func choice(
        _ wanted: [String], _ listed: JSONValue?, _ what: String
    ) throws -> String {
        let names = (listed?.elements ?? []).compactMap(\.text)
        guard let found = NameMatch.find(wanted, among: names) else {
            throw RemoteError(
                .refused, "sd-server has no \(what) \(wanted.first ?? "")",
                hint: "it has: \(NameMatch.excerpt(names))")
        }
        return found
    }

    private func checkModel(_ model: JSONValue?, _ wanted: String?) throws {
        let names = [model?["name"]?.text, model?["stem"]?.text, model?["path"]?.text]
            .compactMap { $0 }
        guard let wanted, NameMatch.findFile(wanted, among: names) == nil else { return }
        throw RemoteError(
            .notFound,
            "sd-server runs \(printable(names.first ?? "one model", limit: 80)), "
                + "not \(printable(wanted, limit: 80))", hint: "leave --model out")
    }

    private func checkSize(_ limits: JSONValue?, _ request: GenerationRequest) throws {
        for (value, name, option) in [
            (request.width, "width", "--width"), (request.height, "height", "--height"),
        ] {
            guard let value else { continue }
            let least = limits?["min_\(name)"]?.integer ?? 1
            let most = limits?["max_\(name)"]?.integer ?? Int.max
            guard value < least || value > most else { continue }
            throw RemoteError(
                .refused, "\(option) \(value): sd-server takes \(least) to \(most)")
        }
    }
}

/// Requests as `img_gen` takes them.
struct SDServerMapping: Sendable {
    let job: RemoteJob
    let findings: SDServerFindings

    private var request: GenerationRequest { job.request }

    /// The body for `count` pictures from `seed` on.
    func body(seed: UInt64, count: Int) -> JSONBody {
        let prompt = ServerPrompt(request)
        let (text, loras) = prompt.resolved(request.loras)
        var body = JSONBody()
        body.set("prompt", text)
        body.set("negative_prompt", prompt.negative)
        body.set("width", request.width)
        body.set("height", request.height)
        body.set("seed", seed)
        body.set("batch_count", count)
        body.set("clip_skip", request.isGiven(.clipSkip) ? request.clipSkip : nil)
        body.set("sample_params", sampling)
        setPictures(&body)
        if !loras.isEmpty {
            let entries = loras.map { lora -> JSONValue in
                .object([
                    "path": .string(findings.loraPaths[lora.name] ?? lora.name),
                    "multiplier": .number(lora.weight),
                ])
            }
            body.set("lora", .array(entries))
        }
        body.set("hires", hires)
        body.set("output_format", request.extras["output_format"] ?? "png")
        setExtras(
            ["ref_images", "vae_tiling_params", "cache_mode", "output_compression"], in: &body)
        return body
    }

    private var sampling: JSONBody {
        var guidance = JSONBody()
        guidance.set("txt_cfg", request.guidanceScale)
        setExtras(["img_cfg", "distilled_guidance", "slg"], in: &guidance)
        var sampling = JSONBody()
        sampling.set("scheduler", findings.schedule)
        sampling.set("sample_method", findings.sampler)
        sampling.set("sample_steps", request.steps)
        setExtras(["eta"], in: &sampling)
        sampling.set("guidance", guidance)
        return sampling
    }

    private func setPictures(_ body: inout JSONBody) {
        if let path = request.initImage, let picture = job.files[path] {
            body.set("init_image", picture.base64)
            body.set("strength", request.strength)
        }
        if let path = request.maskImage, let mask = job.files[path] {
            body.set("mask_image", mask.base64)
        }
        if let control = request.controls.first, let picture = job.files[control.image] {
            body.set("control_image", picture.base64)
            body.set("control_strength", control.scale)
        }
    }

    private var hires: JSONBody? {
        guard let pass = request.hires else { return nil }
        var hires = JSONBody()
        hires.set("enabled", true)
        hires.set("upscaler", request.extras["hires_upscaler"] ?? "Latent")
        hires.set("scale", pass.scale)
        hires.set("denoising_strength", pass.strength)
        hires.set("steps", request.extra("hires_steps", of: SDServer.extras))
        return hires
    }

    private func setExtras(_ names: [String], in body: inout JSONBody) {
        body.set(
            extras: SDServer.extras.filter { names.contains($0.name) }, of: request)
    }
}
