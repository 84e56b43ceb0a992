import Foundation
import Generation
import Images
import Settings

/// imagepipeline.io, SDXL v1: submit, ask until it is done, fetch the links.
public struct ImagePipeline: RemoteService {
    public init() {}

    public let profile = ServiceProfile(
        kind: .imagepipeline, title: "imagepipeline.io",
        baseURL: URL(string: "https://api.imagepipeline.io") ?? URL(fileURLWithPath: "/"),
        authentication: .header("API-Key"), needsKey: true)

    static let samplers = ServiceSamplers([
        .init("UniPCMultistepScheduler", .unipc), .init("EulerDiscreteScheduler", .euler),
        .init("DDIMScheduler", .ddim), .init("DDPMScheduler", .ddpm),
        .init("HeunDiscreteScheduler", .heun), .init("DPMSolverMultistepScheduler", .dpmpp2m),
    ])

    static let extras: [ExtraField] = [
        ExtraField("safety_checker", .truth, "whether its checker looks at the picture"),
        ExtraField("scheduler", .text, "a scheduler by the service's own name"),
    ]

    public func capabilities(model: String?) -> GeneratorCapabilities {
        var fields = FieldTable(profile.title)
        for field in [
            RequestField.negativePrompt, .model, .loras, .embeddings, .initImage, .maskImage,
            .extras,
        ] { fields[field] = .any }
        fields.integers(.steps, 1...100)
        fields.numbers(.guidanceScale, 1...20)
        fields.numbers(.strength, 0...1)
        fields.integers(.width, 64...1536, step: 8)
        fields.integers(.height, 64...1536, step: 8)
        fields.integers(.seeds, 0...9_007_199_254_740_991)
        fields[.sampler] = Self.samplers.samplers
        fields.onOff(.refiner)
        fields[.safety] = .choices([SafetyMode.off.rawValue, SafetyMode.block.rawValue])
        fields[.imagePrompts] =
            (model ?? "sdxl") == "sdxl"
            ? .any : .unsupported(reason: "imagepipeline.io has it for the model sdxl only")
        var capabilities = GeneratorCapabilities(
            fields: fields.fields, maximumCount: 4, repeatability: .seeded)
        capabilities.maximumItems = [.embeddings: 1, .imagePrompts: 1]
        capabilities.extras = Self.extras
        capabilities.canResume = true
        return capabilities
    }

    public func defaults(model: String?) -> RequestDefaults {
        RequestDefaults(width: 1024, height: 1024, steps: 30, guidanceScale: 7.5, sampler: nil)
    }

    public func problems(of request: GenerationRequest) -> [RequestProblem] {
        var links: [(RequestField, String?)] = [
            (.initImage, request.initImage), (.maskImage, request.maskImage),
        ]
        links += request.imagePrompts.map { (.imagePrompts, $0.image) }
        var problems = request.placeProblems(links, mustBeLinks: true, service: profile.title)
        problems += request.imagePrompts.filter { $0.method != .full || $0.mask != nil }.map {
            RequestProblem(
                field: .imagePrompts, value: $0.model,
                reason: "imagepipeline.io has neither methods nor masks for image prompts")
        }
        return problems + request.seedRunProblems(service: profile.title)
    }

    public func flow(for job: RemoteJob) throws -> any RemoteFlow { ImagePipelineFlow(job: job) }

    /// A task that nobody has: the answer tells whether the key is taken.
    public func probes(at endpoint: Endpoint) -> [RemoteCall] {
        let url = endpoint.url(
            "sdxl", "text2image", "v1", "status", "00000000-0000-0000-0000-000000000000")
        return [RemoteCall("status", HTTPRequest(.get, url, limits: .brief), repetition: .safe)]
    }

    public func finding(_ probe: CallID, _ response: HTTPResponse) -> ServiceFinding {
        var finding = ServiceFinding(response)
        // It knows no such task, so it has looked.
        if [400, 404, 422].contains(response.status) { finding.acceptsKey = true }
        return finding
    }

    /// The route of a request: an id belongs to the operation that made it.
    static func operation(of request: GenerationRequest) -> String {
        guard request.initImage != nil else { return "text2image" }
        return request.maskImage == nil ? "image2image" : "inpainting"
    }

    /// What is sent.
    static func body(for request: GenerationRequest) -> JSONBody {
        var body = JSONBody()
        body.set("model_id", request.model ?? "sdxl")
        body.set("prompt", request.effectivePrompt)
        body.set("negative_prompt", request.effectiveNegativePrompt)
        body.set("num_inference_steps", request.steps)
        body.set("guidance_scale", request.guidanceScale)
        body.set("strength", request.strength)
        body.set("samples", max(1, request.seeds.count))
        body.set("width", request.width)
        body.set("height", request.height)
        body.set("seed", request.seeds.first)
        body.set("safety_checker", request.safety == .block ? true : nil as Bool?)
        body.set("refiner", GenerationRequest.truth(request.refiner))
        body.set("scheduler", request.sampler.flatMap { samplers.name($0) })
        body.set("embeddings", request.embeddings.first?.path)
        if !request.loras.isEmpty {
            body.set(json: "lora_models", .array(request.loras.map { .string($0.name) }))
            body.set(json: "lora_weights", .array(request.loras.map { .string("\($0.weight)") }))
        }
        body.set("init_image", request.initImage)
        body.set("mask_image", request.maskImage)
        if let prompt = request.imagePrompts.first {
            body.set(json: "ip_adapter", .array([.string(prompt.model)]))
            body.set(json: "ip_adapter_scale", .array([.string("\(prompt.scale)")]))
            body.set("ip_adapter_image", prompt.image)
        }
        body.set(extras: extras.filter { request.extras[$0.name] != nil }, of: request)
        return body
    }
}
