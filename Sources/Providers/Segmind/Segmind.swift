import Foundation
import Generation
import Images
import Settings

/// segmind `sdxl-torch`: one blocking call (v1), or submit and ask (v2).
public struct Segmind: RemoteService {
    public init() {}

    public let profile = ServiceProfile(
        kind: .segmind, title: "segmind",
        baseURL: URL(string: "https://api.segmind.com/v1") ?? URL(fileURLWithPath: "/"),
        authentication: .header("x-api-key"), needsKey: true)

    static let samplers = ServiceSamplers([
        .init("UniPC", .unipc), .init("DDIM", .ddim), .init("dpmpp_sde_ancestral", .dpmppSDE),
    ])

    static let extras: [ExtraField] = [
        ExtraField("style", .text, "a style of the service, base by default"),
        ExtraField("scheduler", .text, "a scheduler by the service's own name"),
        ExtraField("strength", .number(minimum: 0.1, maximum: 1), "in its schema without a use"),
        ExtraField("base64", .truth, "false: the bare JPEG, one picture a call"),
        ExtraField("async", .truth, "true: version 2, which can be left and resumed"),
    ]

    public func capabilities(model: String?) -> GeneratorCapabilities {
        var fields = FieldTable(profile.title)
        fields[.negativePrompt] = .any
        fields[.extras] = .any
        fields.integers(.width, 1024...1024)
        fields.integers(.height, 1024...1024)
        fields.integers(.steps, 20...100)
        fields.numbers(.guidanceScale, 1...25)
        fields.numbers(.highNoiseFraction, 0...1)
        fields.integers(.seeds, 0...999_999_999_999_999)
        fields[.sampler] = Self.samplers.samplers
        fields.onOff(.refiner)
        fields[.initImage] = .unsupported(reason: "sdxl-torch at segmind takes no picture")
        var capabilities = GeneratorCapabilities(
            fields: fields.fields, maximumCount: 4, repeatability: .seeded)
        capabilities.sizes = [PictureSize(width: 1024, height: 1024)]
        capabilities.extras = Self.extras
        capabilities.pricedFields = [.steps, .seeds]
        capabilities.reportsCredits = true
        capabilities.canResume = true
        return capabilities
    }

    public func defaults(model: String?) -> RequestDefaults {
        RequestDefaults(width: 1024, height: 1024, steps: 25, guidanceScale: 7.5, sampler: nil)
    }

    public func problems(of request: GenerationRequest) -> [RequestProblem] {
        var problems = request.seedRunProblems(service: profile.title)
        if request.extras["base64"] == "false", request.seeds.count > 1 {
            problems.append(
                RequestProblem(
                    field: .extras, value: "base64=false",
                    reason: "what a bare answer holds for several pictures is not known"))
        }
        return problems
    }

    public func flow(for job: RemoteJob) throws -> any RemoteFlow {
        let isAsynchronous =
            job.request.extras["async"] == "true"
            || job.endpoint.base.lastPathComponent == "v2"
        return isAsynchronous ? SegmindTaskFlow(job: job) : SegmindFlow(job: job)
    }

    /// The credits, and the route itself, which answers a GET with 405 and tells the same.
    public func probes(at endpoint: Endpoint) -> [RemoteCall] {
        [
            RemoteCall(
                "route", HTTPRequest(.get, endpoint.url("sdxl-torch"), limits: .brief),
                repetition: .safe),
            RemoteCall(
                "credits", HTTPRequest(.get, endpoint.url("get-user-credits"), limits: .brief),
                repetition: .safe),
        ]
    }

    public func finding(_ probe: CallID, _ response: HTTPResponse) -> ServiceFinding {
        var finding = ServiceFinding(response)
        let body = response.isSuccess ? response.json?["credits"]?.double : nil
        finding.credits = Self.credits(response) ?? body
        if finding.credits != nil, response.status != 401 { finding.acceptsKey = true }
        if response.status == 406 {
            finding.acceptsKey = true
            finding.problem = "the credits are used up"
        }
        return finding
    }

    /// What is left, from any answer.
    static func credits(_ response: HTTPResponse) -> Double? {
        response.headers["x-remaining-credits"].flatMap {
            Double($0.trimmingCharacters(in: .whitespaces))
        }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The base of version 2: the last segment of a v1 base replaced.
    static func asynchronousBase(_ endpoint: Endpoint) -> Endpoint {
        guard endpoint.base.lastPathComponent == "v1" else { return endpoint }
        return Endpoint(endpoint.base.deletingLastPathComponent().appendingPathComponent("v2"))
    }

    /// What is sent.
    static func body(for request: GenerationRequest) -> JSONBody {
        var body = JSONBody()
        body.set("prompt", request.effectivePrompt)
        body.set("negative_prompt", request.effectiveNegativePrompt)
        body.set("samples", max(1, request.seeds.count))
        body.set("scheduler", request.sampler.flatMap { samplers.name($0) })
        body.set("num_inference_steps", request.steps)
        body.set("guidance_scale", request.guidanceScale)
        let refiner = GenerationRequest.truth(request.refiner)
        let isGiven = request.isGiven(.highNoiseFraction) || refiner == true
        body.set("high_noise_fraction", isGiven ? request.highNoiseFraction : nil)
        body.set("seed", request.seeds.first)
        body.set("img_width", request.width)
        body.set("img_height", request.height)
        body.set("refiner", refiner)
        body.set("base64", true)
        for field in extras where field.name != "async" && request.extras[field.name] != nil {
            body.set(json: field.name, request.extra(field))
        }
        return body
    }
}
