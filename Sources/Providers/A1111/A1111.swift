import Foundation
import Generation
import Images
import Settings

/// AUTOMATIC1111's `sdapi/v1`, which Forge, SD.Next, koboldcpp and stable-diffusion.cpp's server
/// speak too, each with its own gaps.
///
/// One call per picture: every server keeps to the seeds then, and pictures come as they are done.
public struct A1111: RemoteService {
    /// The service.
    public init() {}

    public let profile = ServiceProfile(
        kind: .a1111, title: "A1111",
        baseURL: URL(string: "http://127.0.0.1:7860") ?? URL(filePath: "/"),
        authentication: .basicOrBearer, needsKey: false)

    public func capabilities(model: String?) -> GeneratorCapabilities {
        var capabilities = GeneratorCapabilities(
            fields: FieldTable("A1111").fields.merging(Self.fields) { $1 }, maximumCount: 64,
            reportsProgress: true, sendsPreviews: true,
            canCancel: true, repeatability: .seeded)
        capabilities.extras = Self.extras
        return capabilities
    }

    public func defaults(model: String?) -> RequestDefaults {
        RequestDefaults(steps: 30, guidanceScale: 7, sampler: .euler)
    }

    public func problems(of request: GenerationRequest) -> [RequestProblem] {
        var problems = request.jsonProblems(of: Self.extras)
        if request.hires != nil, request.initImage != nil {
            problems.append(
                RequestProblem(
                    field: .hires, value: "", reason: "this server has it for text to image only"))
        }
        problems += request.controls.filter { !(0...2).contains($0.scale) }.map {
            RequestProblem(
                field: .controls, value: $0.model,
                reason: "the extension's weights go from 0 to 2, not \($0.scale)")
        }
        let scripts = request.extra("alwayson_scripts", of: Self.extras)?.members ?? [:]
        if !request.controls.isEmpty,
            scripts.keys.contains(where: { $0.lowercased() == "controlnet" })
        {
            problems.append(
                RequestProblem(
                    field: .extras, value: "alwayson_scripts",
                    reason: "it has a controlnet of its own: not together with --control"))
        }
        return problems
    }

    public func inputs(of request: GenerationRequest) -> [InputNeed] {
        let pictures =
            [request.initImage, request.maskImage].compactMap { $0 } + request.controls.map(\.image)
        return Array(Set(pictures)).sorted().map { InputNeed($0, .picture) }
    }

    public func flow(for job: RemoteJob) throws -> any RemoteFlow { A1111Flow(job) }

    public func probes(at endpoint: Endpoint) -> [RemoteCall] {
        ["samplers", "sd-models"].map { route in
            RemoteCall(
                CallID(route),
                HTTPRequest(.get, endpoint.url("sdapi", "v1", route), limits: .brief),
                repetition: .safe)
        }
    }

    public func finding(_ probe: CallID, _ response: HTTPResponse) -> ServiceFinding {
        var finding = ServiceFinding(response)
        if response.status == 404 {
            finding.problem = A1111Flow.missingAPI
            return finding
        }
        let names = response.json?.elements?.compactMap { $0["title"]?.text ?? $0["name"]?.text }
        if response.isSuccess, let names {
            let what = probe.name == "samplers" ? "samplers" : "models"
            finding.notes = ["\(what): \(NameMatch.excerpt(names))"]
        }
        return finding
    }

    private static let fields: [RequestField: FieldSupport] = [
        .prompt: .any, .negativePrompt: .any, .model: .any, .vae: .any, .refiner: .any,
        .highNoiseFraction: .numbers(minimum: 0, maximum: 1), .width: .any, .height: .any,
        .steps: .integers(minimum: 1, maximum: 1000, step: 1), .guidanceScale: .any,
        .sampler: .any, .schedule: .any,
        .seeds: .integers(minimum: 0, maximum: 4_294_967_295, step: 1),
        .noiseSource: .any, .variationSeed: .any, .variationStrength: .any, .clipSkip: .any,
        .promptWeighting: .choices([PromptWeighting.a1111.rawValue]), .loras: .any,
        .initImage: .any, .strength: .any, .maskImage: .any, .style: .any, .hires: .any,
        .tiling: .choices([TilingMode.none.rawValue, TilingMode.both.rawValue]),
        .extras: .any, .controls: .any,
        .embeddings: .unsupported(
            reason: "write the embedding's name into the prompt; the server loads its own files"),
    ]

    static let extras: [ExtraField] = [
        ExtraField("styles", .json, "names of the server's own styles"),
        ExtraField("eta", .number(minimum: 0, maximum: 1), "noise of DDIM and ancestral samplers"),
        ExtraField("s_churn", .number(minimum: 0, maximum: 100), "Karras' churn"),
        ExtraField("s_tmin", .number(minimum: 0, maximum: 1000), "lower end of the churn"),
        ExtraField("s_tmax", .number(minimum: 0, maximum: 1000), "upper end of the churn"),
        ExtraField("s_noise", .number(minimum: 0, maximum: 10), "strength of the churn's noise"),
        ExtraField("restore_faces", .truth, "the server's face restoration"),
        ExtraField("seed_resize_from_w", .integer(minimum: -1, maximum: 16384), "seed of a width"),
        ExtraField("seed_resize_from_h", .integer(minimum: -1, maximum: 16384), "and height"),
        ExtraField("hr_upscaler", .text, "upscaler of the second pass, `Latent` otherwise"),
        ExtraField("hr_second_pass_steps", .integer(minimum: 0, maximum: 1000), "0: as the first"),
        ExtraField("hr_resize_x", .integer(minimum: 0, maximum: 16384), "its width, not a scale"),
        ExtraField("hr_resize_y", .integer(minimum: 0, maximum: 16384), "its height"),
        ExtraField("hr_prompt", .text, "prompt of the second pass"),
        ExtraField("hr_negative_prompt", .text, "its negative prompt"),
        ExtraField("mask_blur", .integer(minimum: 0, maximum: 64), "pixels, 4 otherwise"),
        ExtraField(
            "inpainting_fill", .integer(minimum: 0, maximum: 3),
            "fill, original (otherwise), latent noise, latent nothing"),
        ExtraField("inpaint_full_res", .truth, "only the masked part, enlarged"),
        ExtraField("inpaint_full_res_padding", .integer(minimum: 0, maximum: 1024), "around it"),
        ExtraField("inpainting_mask_invert", .integer(minimum: 0, maximum: 1), "1: keep the white"),
        ExtraField(
            "resize_mode", .integer(minimum: 0, maximum: 3),
            "of the initial picture: stretch, crop, fill, latent"),
        ExtraField("override_settings", .json, "settings of the server for this call"),
        ExtraField("override_settings_restore_afterwards", .truth, "true otherwise"),
        ExtraField("alwayson_scripts", .json, "extensions and their arguments"),
        ExtraField("script_name", .text, "one of the server's scripts"),
        ExtraField("script_args", .json, "its arguments"),
        ExtraField("save_images", .truth, "keep a copy on the server"),
        ExtraField("force_task_id", .text, "the server's name of the task"),
    ]
}
