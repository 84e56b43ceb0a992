import Foundation
import Generation
import Images
import Settings

/// The shape of OpenAI's images API, which many servers imitate.
public struct OpenAIImages: RemoteService {
    /// The service.
    public init() {}

    public let profile = ServiceProfile(
        kind: .openai, title: "OpenAI images",
        baseURL: URL(string: "https://api.openai.com") ?? URL(filePath: "/"),
        authentication: .bearer, needsKey: false)

    public func capabilities(model: String?) -> GeneratorCapabilities {
        var capabilities = GeneratorCapabilities(
            fields: FieldTable("OpenAI's shape").fields.merging(Self.fields) { $1 },
            maximumCount: 1)
        capabilities.extras = Self.extras
        capabilities.pricedFields = [.width, .height, .extras]
        return capabilities
    }

    public func defaults(model: String?) -> RequestDefaults {
        RequestDefaults(sampler: nil)
    }

    public func problems(of request: GenerationRequest) -> [RequestProblem] {
        var problems = request.jsonProblems(of: Self.extras)
        if request.extras["response_format"] != nil, request.initImage != nil {
            problems.append(
                RequestProblem(
                    field: .extras, value: "response_format", reason: "not together with --init"))
        }
        return problems
    }

    public func inputs(of request: GenerationRequest) -> [InputNeed] {
        [request.initImage, request.maskImage].compactMap { $0 }.map { InputNeed($0, .picture) }
    }

    public func flow(for job: RemoteJob) throws -> any RemoteFlow { OpenAIFlow(job) }

    public func probes(at endpoint: Endpoint) -> [RemoteCall] {
        let url = OpenAIMapping.url(endpoint, "models")
        return [
            RemoteCall("models", HTTPRequest(.get, url, limits: .brief), repetition: .safe)
        ]
    }

    public func finding(_ probe: CallID, _ response: HTTPResponse) -> ServiceFinding {
        var finding = ServiceFinding(response)
        let names = response.json?["data"]?.elements?.compactMap { $0["id"]?.text }
        if response.isSuccess, let names {
            finding.notes = ["models: \(NameMatch.excerpt(names))"]
        }
        return finding
    }

    private static let fields: [RequestField: FieldSupport] = [
        .prompt: .any, .model: .any, .width: .any, .height: .any, .initImage: .any,
        .maskImage: .any, .extras: .any,
    ]

    static let extras = [
        ExtraField("n", .integer(minimum: 1, maximum: 10), "pictures per call"),
        ExtraField("quality", .text, "for example low, medium, high, standard, hd"),
        ExtraField("background", .choices(["transparent", "opaque", "auto"]), ""),
        ExtraField("output_format", .choices(["png", "jpeg"]), ""),
        ExtraField("output_compression", .integer(minimum: 0, maximum: 100), "of JPEG"),
        ExtraField("response_format", .choices(["url", "b64_json"]), "older models only"),
        ExtraField("sd_cpp_extra_args", .json, "stable-diffusion.cpp's own fields: seed, steps"),
    ]
}
