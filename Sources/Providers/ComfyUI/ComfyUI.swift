import Foundation
import Generation
import Images
import Settings

/// ComfyUI: a graph made from the request, or a workflow of one's own with named slots.
public struct ComfyUI: RemoteService {
    /// The service.
    public init() {}

    public let profile = ServiceProfile(
        kind: .comfyui, title: "ComfyUI",
        baseURL: URL(string: "http://127.0.0.1:8188") ?? URL(filePath: "/"),
        authentication: .basicOrBearer, needsKey: false)

    public func capabilities(model: String?) -> GeneratorCapabilities {
        var capabilities = GeneratorCapabilities(
            fields: FieldTable("ComfyUI").fields.merging(Self.fields) { $1 }, maximumCount: 64,
            reportsProgress: true, sendsPreviews: true,
            canCancel: true, repeatability: .seeded)
        capabilities.canResume = true
        capabilities.extras = Self.extras
        return capabilities
    }

    public func defaults(model: String?) -> RequestDefaults {
        RequestDefaults(steps: 30, guidanceScale: 7, sampler: .euler)
    }

    public func problems(of request: GenerationRequest) -> [RequestProblem] {
        var problems = request.jsonProblems(of: Self.extras)
        if request.outpaint != nil, request.maskImage != nil {
            problems.append(
                RequestProblem(field: .outpaint, value: "", reason: "not together with --mask"))
        }
        let hasWorkflow = request.extras["workflow"] != nil
        if request.extras["filename_prefix"] != nil, hasWorkflow {
            problems.append(
                RequestProblem(
                    field: .extras, value: "filename_prefix", reason: "the workflow has its own"))
        }
        if request.extras["control_image"] != nil, !hasWorkflow {
            problems.append(
                RequestProblem(
                    field: .extras, value: "control_image",
                    reason: "use --control without a workflow"))
        }
        return problems
    }

    public func inputs(of request: GenerationRequest) -> [InputNeed] {
        let pictures =
            [request.initImage, request.maskImage, request.extras["control_image"]]
            .compactMap { $0 } + request.controls.map(\.image)
        var needs = Array(Set(pictures)).sorted().map { InputNeed($0, .picture) }
        if let workflow = request.extras["workflow"] {
            needs.append(InputNeed(workflow, .document))
        }
        return needs
    }

    public func flow(for job: RemoteJob) throws -> any RemoteFlow {
        try ComfyFlow(job, defaults: defaults(model: job.request.model))
    }

    public func probes(at endpoint: Endpoint) -> [RemoteCall] {
        [("stats", ["system_stats"]), ("checkpoints", ["models", "checkpoints"])].map { id, path in
            RemoteCall(
                CallID(id), HTTPRequest(.get, endpoint.url(path: path), limits: .brief),
                repetition: .safe)
        }
    }

    public func finding(_ probe: CallID, _ response: HTTPResponse) -> ServiceFinding {
        var finding = ServiceFinding(response)
        guard response.isSuccess, let json = response.json else { return finding }
        if probe.name == "stats", let version = json["system"]?["comfyui_version"]?.filledText {
            finding.notes = ["ComfyUI \(printable(version, limit: 40))"]
        }
        if probe.name == "checkpoints", let names = json.elements?.compactMap(\.text) {
            finding.notes = ["checkpoints: \(NameMatch.excerpt(names))"]
        }
        return finding
    }

    static let extras = [
        ExtraField("workflow", .text, "a workflow in API format with slots such as %prompt%"),
        ExtraField("filename_prefix", .text, "of the server's own copy, `latent` otherwise"),
        ExtraField("front", .truth, "before everything that waits"),
        ExtraField("number", .number(minimum: -1e9, maximum: 1e9), "place in the queue"),
        ExtraField("extra_data", .json, "kept with the prompt, for nodes that read it"),
        ExtraField(
            "partial_execution_targets", .json, "identifiers of the nodes to be run, for a workflow"
        ),
        ExtraField("control_image", .picture, "picture for a workflow's %control_image%"),
    ]

    private static let fields: [RequestField: FieldSupport] = [
        .prompt: .any, .negativePrompt: .any, .prompt2: .any, .negativePrompt2: .any,
        .model: .any, .vae: .any, .refiner: .any,
        .highNoiseFraction: .numbers(minimum: 0, maximum: 1),
        .width: .integers(minimum: 16, maximum: 16384, step: 8),
        .height: .integers(minimum: 16, maximum: 16384, step: 8),
        .steps: .integers(minimum: 1, maximum: 10000, step: 1),
        .guidanceScale: .numbers(minimum: 0, maximum: 100),
        .guidanceRescale: .numbers(minimum: 0, maximum: 1), .sampler: .any, .schedule: .any,
        .seeds: .any, .clipSkip: .any, .loras: .any, .initImage: .any, .strength: .any,
        .maskImage: .any, .outpaint: .any, .controls: .any, .style: .any, .hires: .any,
        .extras: .any,
        .noiseSource: .choices([NoiseSourceName.torch.rawValue]),
        .promptWeighting: .choices([PromptWeighting.comfy.rawValue]),
        .embeddings: .unsupported(
            reason: "write embedding:NAME into the prompt; ComfyUI loads its own files"),
        .imagePrompts: .unsupported(reason: "ComfyUI itself has no nodes for it; use a workflow"),
        .tiling: .unsupported(reason: "ComfyUI itself has no nodes for it; use a workflow"),
        .variationSeed: .unsupported(reason: "ComfyUI itself has no nodes for it; use a workflow"),
    ]
}
