import Foundation
import Generation
import Images

/// What is sent to OctoAI.
enum OctoAIMapping {
    /// The body of a call.
    ///
    /// - Throws: a ``UserFacingError`` when a picture cannot be read for outpainting.
    static func body(for job: RemoteJob) throws -> JSONBody {
        let request = job.request
        var body = JSONBody()
        body.set("prompt", request.effectivePrompt)
        body.set("negative_prompt", request.effectiveNegativePrompt)
        body.set("prompt_2", filled(request.prompt2))
        body.set("negative_prompt_2", filled(request.negativePrompt2))
        setSampling(request, &body)
        setModel(request, &body)
        try setPictures(job, &body)
        setConditions(job, &body)
        setExtras(job, &body)
        return body
    }

    private static func filled(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func setSampling(_ request: GenerationRequest, _ body: inout JSONBody) {
        body.set("width", request.width)
        body.set("height", request.height)
        body.set("steps", request.steps)
        body.set("cfg_scale", request.guidanceScale)
        let sampler = request.sampler.flatMap { OctoAI.samplers.name($0, request.schedule) }
        body.set("sampler", sampler)
        body.set("num_images", max(1, request.seeds.count))
        if request.seeds.count == 1 {
            body.set("seed", request.seeds[0])
        } else if !request.seeds.isEmpty {
            body.set(json: "seed", .array(request.seeds.map { .number(String($0)) }))
        }
        body.set("clip_skip", request.isGiven(.clipSkip) ? request.clipSkip : nil)
    }

    private static func setModel(_ request: GenerationRequest, _ body: inout JSONBody) {
        body.set("checkpoint", request.model)
        body.set("vae", request.vae)
        let refiner = GenerationRequest.truth(request.refiner)
        body.set("use_refiner", refiner)
        let isGiven = request.isGiven(.highNoiseFraction) || refiner == true
        body.set("high_noise_frac", isGiven ? request.highNoiseFraction : nil)
        if !request.loras.isEmpty {
            var loras: [String: JSONValue] = [:]
            for lora in request.loras { loras[lora.name] = .number(lora.weight) }
            body.set(json: "loras", .object(loras))
        }
        if !request.embeddings.isEmpty {
            var inversions: [String: JSONValue] = [:]
            for embedding in request.embeddings {
                inversions[embedding.path] = .string(embedding.token)
            }
            body.set(json: "textual_inversions", .object(inversions))
        }
    }

    private static func setPictures(_ job: RemoteJob, _ body: inout JSONBody) throws {
        let request = job.request
        guard let path = request.initImage, let file = job.files[path] else { return }
        body.set("strength", request.strength)
        if let outpaint = request.outpaint {
            let canvas = try Canvas(enlarging: file, by: outpaint)
            body.set("init_image", canvas.picture)
            body.set("mask_image", canvas.mask)
            body.set("outpainting", true)
        } else {
            body.set("init_image", file.base64)
            body.set("mask_image", request.maskImage.flatMap { job.files[$0]?.base64 })
        }
    }

    private static func setConditions(_ job: RemoteJob, _ body: inout JSONBody) {
        if let control = job.request.controls.first {
            body.set("controlnet", control.model)
            body.set("controlnet_image", job.files[control.image]?.base64)
            body.set("controlnet_conditioning_scale", control.scale)
            body.set("controlnet_early_stop", control.end == 1 ? nil : control.end)
            body.set("controlnet_preprocess", control.preprocessor != nil)
        }
        if let prompt = job.request.imagePrompts.first {
            body.set("ip_adapter_image", job.files[prompt.image]?.base64)
            body.set("ip_adapter_mask_image", prompt.mask.flatMap { job.files[$0]?.base64 })
            body.set("ip_adapter_method", prompt.method.rawValue)
            body.set("ip_adapter_scale", prompt.scale)
        }
    }

    private static func setExtras(_ job: RemoteJob, _ body: inout JSONBody) {
        let request = job.request
        body.set("image_encoding", request.extras["image_encoding"] ?? "png")
        for field in OctoAI.extras
        where !["image_encoding", "transfer_images"].contains(field.name) {
            if let value = request.extra(field) { body.set(json: field.name, value) }
        }
        guard let transfers = OctoAI.transfers(of: request) else { return }
        let pictures = transfers.mapValues { paths in
            JSONValue.array(paths.compactMap { job.files[$0].map { .string($0.base64) } })
        }
        body.set(json: "transfer_images", .object(pictures))
    }
}

/// A picture with room around it, and the mask that is white there; both PNG in base64.
struct Canvas {
    let picture: String
    let mask: String

    /// - Throws: ``ImageError`` when the file is no picture or the canvas is too large.
    init(enlarging file: InputFile, by margin: Outpaint) throws {
        let source = try PixelImage(decoding: file.bytes ?? [])
        let width = source.width + max(0, margin.left) + max(0, margin.right)
        let height = source.height + max(0, margin.top) + max(0, margin.bottom)
        guard width <= 16_384, height <= 16_384 else {
            throw RemoteError(.refused, "The outpainted picture would be \(width)x\(height)")
        }
        var pixels = [UInt8](repeating: 127, count: width * height * 3)
        var mask = [UInt8](repeating: 255, count: width * height * 3)
        let row = source.width * 3
        for y in 0..<source.height {
            let start = ((y + max(0, margin.top)) * width + max(0, margin.left)) * 3
            pixels.replaceSubrange(start..<start + row, with: source.rgb[y * row..<(y + 1) * row])
            mask.replaceSubrange(start..<start + row, with: repeatElement(0, count: row))
        }
        self.picture = try Self.encoded(width, height, pixels)
        self.mask = try Self.encoded(width, height, mask)
    }

    private static func encoded(_ width: Int, _ height: Int, _ rgb: [UInt8]) throws -> String {
        guard let image = PixelImage(width: width, height: height, rgb: rgb) else { return "" }
        return Data(try image.encoded(as: .png)).base64EncodedString()
    }
}
