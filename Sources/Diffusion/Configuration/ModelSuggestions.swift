import Generation

/// Defaults that a model folder's `model.json` suggests; every key is optional.
///
///     {"defaults": {"width": 256, "height": 256, "steps": 12, "guidanceScale": 4,
///                   "sampler": "dpmpp-2m", "precision": "f32"}}
public struct ModelSuggestions: Hashable, Sendable {
    public var width: Int?
    public var height: Int?
    public var steps: Int?
    public var guidanceScale: Double?
    public var sampler: Sampler?
    public var precision: Precision?

    /// Suggests nothing.
    public init() {}

    init(_ model: ConfigurationFile) throws(WeightsError) {
        guard let defaults = model["defaults"] else { return }
        guard case .object(let members) = defaults else {
            throw model.bad("defaults", "must be an object")
        }
        let file = ConfigurationFile(path: model.path, members: members)
        if file["width"] != nil { width = try file.integer("width", in: 64...16384) }
        if file["height"] != nil { height = try file.integer("height", in: 64...16384) }
        if file["steps"] != nil { steps = try file.integer("steps", in: 1...1000) }
        if file["guidanceScale"] != nil {
            guidanceScale = try file.number("guidanceScale", default: 5, in: 0...100)
        }
        if let name = try file.string("sampler") {
            guard let known = SamplerNames.read(name)?.sampler else {
                throw file.bad("sampler", "names no sampler")
            }
            sampler = known
        }
        if let name = try file.string("precision") {
            guard let known = Precision(rawValue: name) else {
                throw file.bad("precision", "must be f32, bf16 or int8")
            }
            precision = known
        }
    }
}
