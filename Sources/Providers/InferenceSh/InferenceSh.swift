import Foundation
import Generation
import Images
import Settings

/// inference.sh and its app `infsh/sdxl`: a task, followed live, whose result is a link.
public struct InferenceSh: RemoteService {
    public init() {}

    public let profile = ServiceProfile(
        kind: .inferencesh, title: "inference.sh",
        baseURL: URL(string: "https://api.inference.sh") ?? URL(fileURLWithPath: "/"),
        authentication: .bearer, needsKey: true)

    static let extras: [ExtraField] = [
        ExtraField("app", .text, "another app or version than infsh/sdxl"),
        ExtraField("function", .text, "a function of the app"),
        ExtraField(
            "infra", .choices(["cloud", "private", "private_first", "remote"]),
            "where it runs"),
        ExtraField("workers", .json, "list of private workers"),
        ExtraField("setup", .json, "setup of the app"),
        ExtraField("run_at", .text, "ISO time of a later start"),
        ExtraField("metadata", .json, "kept with the task"),
        ExtraField("session", .text, "new, or a session's id"),
        ExtraField("session_timeout", .integer(minimum: 1, maximum: 3600), "seconds"),
        ExtraField("wait", .truth, "true: one call that is answered when the task has ended"),
    ]

    public func capabilities(model: String?) -> GeneratorCapabilities {
        var fields = FieldTable(profile.title)
        fields[.negativePrompt] = .any
        fields[.model] = .any
        fields[.loras] = .any
        fields[.extras] = .any
        fields.integers(.steps, 1...100)
        fields.numbers(.guidanceScale, 1...20)
        fields.integers(.width, 256...2048, step: 8)
        fields.integers(.height, 256...2048, step: 8)
        fields[.seeds] = .unsupported(
            reason: "inference.sh takes no seed; its pictures cannot be repeated")
        var capabilities = GeneratorCapabilities(
            fields: fields.fields, maximumCount: 1, reportsProgress: true, canCancel: true,
            repeatability: .none)
        capabilities.extras = Self.extras
        capabilities.canResume = true
        capabilities.takesWebhook = true
        return capabilities
    }

    public func defaults(model: String?) -> RequestDefaults {
        RequestDefaults(width: 1024, height: 1024, steps: 50, guidanceScale: 7.5, sampler: nil)
    }

    public func problems(of request: GenerationRequest) -> [RequestProblem] {
        var problems = request.jsonProblems(of: Self.extras)
        if let model = request.model, Self.isLocal(model) {
            problems.append(
                RequestProblem(
                    field: .model, value: model,
                    reason: "an address or a Hugging Face path is needed"))
        }
        problems += request.loras.filter { !Self.isLocal($0.name) && !$0.name.contains("/") }.map {
            RequestProblem(
                field: .loras, value: $0.name,
                reason: "an address, a Hugging Face path, or a file as ./NAME is needed")
        }
        if request.extras["session_timeout"] != nil, request.extras["session"] != "new" {
            problems.append(
                RequestProblem(
                    field: .extras, value: "session_timeout",
                    reason: "only together with session=new"))
        }
        return problems
    }

    /// Whether a name is meant as a file here: only what says so is ever uploaded.
    static func isLocal(_ name: String) -> Bool {
        ["/", "./", "../", "~/"].contains { name.hasPrefix($0) }
    }

    public func inputs(of request: GenerationRequest) -> [InputNeed] {
        request.loras.filter { Self.isLocal($0.name) }.map { InputNeed($0.name, .upload) }
    }

    public func flow(for job: RemoteJob) throws -> any RemoteFlow { InferenceShFlow(job: job) }

    public func probes(at endpoint: Endpoint) -> [RemoteCall] {
        var list = JSONBody()
        list.set("limit", 1)
        return [
            RemoteCall(
                "tasks",
                HTTPRequest(.post, endpoint.url("tasks", "list"), json: list, limits: .brief),
                repetition: .safe)
        ]
    }
}

/// What is sent.
enum InferenceShMapping {
    /// The body of a run; `uploaded` are the addresses of files that were sent before, by path.
    static func run(_ job: RemoteJob, uploaded: [String: String]) -> JSONBody {
        let request = job.request
        var input = JSONBody()
        input.set("prompt", request.effectivePrompt)
        input.set("negative_prompt", request.effectiveNegativePrompt)
        input.set("num_inference_steps", request.steps)
        input.set("guidance_scale", request.guidanceScale)
        input.set("width", request.width)
        input.set("height", request.height)
        input.set("model_url", request.model)
        if !request.loras.isEmpty {
            input.set(json: "loras", .array(loras(request.loras, uploaded)))
        }
        var body = JSONBody()
        body.set("app", request.extras["app"] ?? "infsh/sdxl")
        body.set("input", input)
        body.set(extras: InferenceSh.extras.filter { $0.name != "app" }, of: request)
        body.set("webhook", job.webhook?.absoluteString)
        return body
    }

    private static func loras(
        _ loras: [LoRAReference], _ uploaded: [String: String]
    ) -> [JSONValue] {
        var names: [String: Int] = [:]
        return loras.map { lora in
            let name = adapterName(lora.name)
            let count = names[name, default: 0]
            names[name] = count + 1
            return .object([
                "adapter_name": .string(count == 0 ? name : "\(name)_\(count + 1)"),
                "lora_url": .string(uploaded[lora.name] ?? lora.name),
                "lora_multiplier": .number(lora.weight),
            ])
        }
    }

    /// The file's name without its ending, with letters that an identifier may have.
    private static func adapterName(_ name: String) -> String {
        let path = name.split(separator: "?", maxSplits: 1).first.map(String.init) ?? name
        let base = path.split(separator: "/").last.map(String.init) ?? path
        let stem = base.split(separator: ".").first.map(String.init) ?? base
        let safe = stem.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        return safe.isEmpty ? "lora" : String(safe)
    }

    /// The body that asks where files may be put.
    static func files(_ files: [InputFile]) -> JSONBody {
        var body = JSONBody()
        body.set(
            json: "files",
            .array(
                files.map { file in
                    let name = URL(fileURLWithPath: file.path).lastPathComponent
                    return .object([
                        "uri": .string(""), "filename": .string(name),
                        "content_type": .string("application/octet-stream"),
                        "path": .string(""), "size": .number(file.byteCount),
                        "public": .bool(false),
                    ])
                }))
        return body
    }
}
