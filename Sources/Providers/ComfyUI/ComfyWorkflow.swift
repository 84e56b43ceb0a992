import Generation
import Images

/// A workflow of one's own in API format, with slots: a text `%seed%` becomes the seed, and
/// `masterpiece, %prompt%` a prompt with something before it.
struct ComfyWorkflow: Hashable, Sendable {
    private let graph: JSONValue
    /// The slots that occur in it.
    let slots: Set<String>

    /// Every slot that means something.
    static let knownSlots = [
        "prompt", "negative_prompt", "prompt_2", "negative_prompt_2", "seed", "steps", "cfg",
        "sampler", "scheduler", "width", "height", "model", "vae", "refiner", "denoise",
        "init_image", "mask_image", "control_image",
    ]

    /// - Throws: ``RemoteError`` when it is no workflow in API format.
    init(parsing bytes: [UInt8], name: String) throws {
        let shown = printable(name, limit: 80)
        guard let document = JSONValue(parsing: String(decoding: bytes, as: UTF8.self)) else {
            throw RemoteError(.refused, "The workflow \(shown) is not JSON")
        }
        let graph = document["prompt"]?.members != nil ? document["prompt"] : document
        if document["nodes"]?.elements != nil {
            throw RemoteError(
                .refused, "The workflow \(shown) is in the editor's format",
                hint: "save it with Export (API)")
        }
        guard let graph, let nodes = graph.members, !nodes.isEmpty,
            nodes.values.allSatisfy({ $0["class_type"]?.text != nil })
        else {
            throw RemoteError(.refused, "The workflow \(shown) holds no nodes with a class_type")
        }
        self.graph = graph
        slots = Set(Self.knownSlots.filter { Self.contains($0, graph) })
    }

    /// The graph with its slots filled.
    func filled(_ values: [String: ComfyGraph.Input]) -> JSONValue { Self.fill(graph, values) }

    /// What a request asks for and no slot takes.
    func problems(_ request: GenerationRequest, defaults: RequestDefaults) -> [RequestProblem] {
        let plain = GenerationRequest(prompt: "").filled(from: defaults)
        let fields: [(RequestField, [String])] = [
            (.prompt, ["prompt"]), (.negativePrompt, ["negative_prompt"]), (.prompt2, ["prompt_2"]),
            (.negativePrompt2, ["negative_prompt_2"]), (.steps, ["steps"]),
            (.guidanceScale, ["cfg"]), (.sampler, ["sampler"]), (.schedule, ["scheduler"]),
            (.width, ["width"]), (.height, ["height"]), (.model, ["model"]), (.vae, ["vae"]),
            (.refiner, ["refiner"]), (.initImage, ["init_image"]), (.maskImage, ["mask_image"]),
            (.strength, ["denoise"]), (.controls, ["control_image"]), (.loras, []),
            (.clipSkip, []), (.hires, []), (.outpaint, []), (.guidanceRescale, []),
        ]
        return fields.compactMap { field, wanted in
            let value = request.value(of: field)
            guard value != plain.value(of: field), slots.isDisjoint(with: wanted) else {
                return nil
            }
            if field == .strength, request.strength == defaults.strength { return nil }
            let reason = wanted.first.map { "the workflow has no slot %\($0)%" }
            return RequestProblem(
                field: field, value: value.description,
                reason: reason ?? "a workflow has no slot for it")
        }
    }

    private static func contains(_ slot: String, _ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): text.contains("%\(slot)%")
        case .array(let elements): elements.contains { contains(slot, $0) }
        case .object(let members): members.values.contains { contains(slot, $0) }
        default: false
        }
    }

    private static func fill(
        _ value: JSONValue, _ values: [String: ComfyGraph.Input]
    ) -> JSONValue {
        switch value {
        case .string(let text): fill(text, values)
        case .array(let elements): .array(elements.map { fill($0, values) })
        case .object(let members): .object(members.mapValues { fill($0, values) })
        default: value
        }
    }

    /// A slot alone takes the value's type; within other text it becomes text. Text that comes from
    /// a value is not searched again.
    private static func fill(_ text: String, _ values: [String: ComfyGraph.Input]) -> JSONValue {
        if text.hasPrefix("%"), text.hasSuffix("%"),
            let value = values[String(text.dropFirst().dropLast())]
        {
            return value.value
        }
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "%") {
            result += rest[..<start]
            let inside = rest[rest.index(after: start)...]
            guard let end = inside.firstIndex(of: "%"), let value = values[String(inside[..<end])]
            else {
                result += "%"
                rest = inside
                continue
            }
            switch value.value {
            case .string(let text), .number(let text): result += text
            default: break
            }
            rest = inside[inside.index(after: end)...]
        }
        return .string(result + rest)
    }
}
