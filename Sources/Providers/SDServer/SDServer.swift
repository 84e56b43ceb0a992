import Foundation
import Generation
import Images
import Settings

/// stable-diffusion.cpp's `sd-server` by its own job API: submit, poll, cancel.
public struct SDServer: RemoteService {
    /// The service.
    public init() {}

    public let profile = ServiceProfile(
        kind: .sdserver, title: "sd-server",
        baseURL: URL(string: "http://127.0.0.1:1234") ?? URL(filePath: "/"),
        authentication: .basicOrBearer, needsKey: false)

    public func capabilities(model: String?) -> GeneratorCapabilities {
        var capabilities = GeneratorCapabilities(
            fields: FieldTable("sd-server").fields.merging(Self.fields) { $1 }, maximumCount: 64,
            canCancel: true, repeatability: .seeded)
        capabilities.canResume = true
        capabilities.maximumItems = [.controls: 1]
        capabilities.extras = Self.extras
        return capabilities
    }

    public func defaults(model: String?) -> RequestDefaults {
        RequestDefaults(steps: 20, guidanceScale: 7, sampler: .euler)
    }

    public func problems(of request: GenerationRequest) -> [RequestProblem] {
        var problems = request.jsonProblems(of: Self.extras)
        for control in request.controls
        where control.preprocessor != nil || control.start != 0 || control.end != 1 {
            problems.append(
                RequestProblem(
                    field: .controls, value: control.model,
                    reason: "sd-server has neither preprocessors nor an end for it"))
        }
        return problems
    }

    public func inputs(of request: GenerationRequest) -> [InputNeed] {
        let pictures =
            [request.initImage, request.maskImage].compactMap { $0 } + request.controls.map(\.image)
        return Array(Set(pictures)).sorted().map { InputNeed($0, .picture) }
    }

    public func flow(for job: RemoteJob) throws -> any RemoteFlow { SDServerFlow(job) }

    public func probes(at endpoint: Endpoint) -> [RemoteCall] {
        [
            RemoteCall(
                "capabilities",
                HTTPRequest(.get, endpoint.url("sdcpp", "v1", "capabilities"), limits: .brief),
                repetition: .safe)
        ]
    }

    public func finding(_ probe: CallID, _ response: HTTPResponse) -> ServiceFinding {
        var finding = ServiceFinding(response)
        if response.status == 404 {
            finding.problem = "there is no /sdcpp/v1 at this address"
        } else if let name = response.json?["model"]?["name"]?.filledText {
            finding.notes = ["model: \(printable(name, limit: 80))"]
        }
        return finding
    }

    private static let fields: [RequestField: FieldSupport] = [
        .prompt: .any, .negativePrompt: .any, .model: .any, .width: .any, .height: .any,
        .steps: .integers(minimum: 1, maximum: 1000, step: 1), .guidanceScale: .any,
        .sampler: .any, .schedule: .any,
        .seeds: .integers(minimum: 0, maximum: Int.max, step: 1), .clipSkip: .any, .loras: .any,
        .initImage: .any, .strength: .any, .maskImage: .any, .hires: .any, .controls: .any,
        .extras: .any, .promptWeighting: .choices([PromptWeighting.a1111.rawValue]),
        .vae: .unsupported(reason: "sd-server takes its VAE when it starts"),
        .refiner: .unsupported(reason: "sd-server has no refiner"),
        .embeddings: .unsupported(reason: "sd-server takes embeddings when it starts"),
    ]

    static let extras = [
        ExtraField("eta", .number(minimum: 0, maximum: 10), "noise of some samplers"),
        ExtraField("img_cfg", .number(minimum: 0, maximum: 100), "guidance by the picture"),
        ExtraField("distilled_guidance", .number(minimum: 0, maximum: 100), "of distilled models"),
        ExtraField("slg", .json, "skip-layer guidance: layers, layer_start, layer_end, scale"),
        ExtraField("ref_images", .json, "a list of base64 pictures"),
        ExtraField("vae_tiling_params", .json, "enabled, tile_size_x, tile_size_y, ..."),
        ExtraField("hires_upscaler", .text, "of --hires, `Latent` otherwise"),
        ExtraField("hires_steps", .integer(minimum: 0, maximum: 1000), "0: as the first pass"),
        ExtraField("cache_mode", .text, "the server's step cache"),
        ExtraField("output_format", .choices(["png", "jpeg"]), "`png` otherwise"),
        ExtraField("output_compression", .integer(minimum: 0, maximum: 100), "of JPEG"),
    ]
}
