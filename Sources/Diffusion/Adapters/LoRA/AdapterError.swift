import Generation

/// Why a LoRA or a textual inversion cannot be used with a model.
public enum AdapterError: UserFacingError, Hashable {
    /// Nothing has that name.
    case notFound(name: String)
    /// The file holds something else.
    case notAnAdapter(file: String, reason: String)
    /// The file was made for another kind of model.
    case otherBase(file: String, madeFor: String, model: String)
    /// Too many tensors that the model has no place for.
    case unknownTensors(file: String, names: [String], total: Int)
    /// One half of a pair is missing.
    case missingPair(file: String, names: [String])
    /// A module whose sizes are not those of the model.
    case wrongShape(file: String, module: String, found: String, expected: [Int])
    /// NaN or infinite numbers; the module is nil where the whole file is one table.
    case notFinite(file: String, module: String? = nil)
    /// A number in the header that makes no sense.
    case badMetadata(file: String, reason: String)

    public var summary: String {
        switch self {
        case .notFound(let name):
            "There is no LoRA or textual inversion at \(printable(name)), and none has that name"
        case .notAnAdapter(let file, let reason):
            "\(printable(file)) cannot be used: \(printable(reason))"
        case .otherBase(let file, let madeFor, let model):
            "\(printable(file)) was made for \(printable(madeFor)), and the model is \(printable(model))"
        case .unknownTensors(let file, let names, let total):
            "\(printable(file)): \(names.count) of \(total) tensors belong to nothing in the model: "
                + Self.list(names)
        case .missingPair(let file, let names):
            "\(printable(file)): "
                + (names.count == 1 ? "1 module lacks" : "\(names.count) modules lack")
                + " a part: " + Self.list(names)
        case .wrongShape(let file, let module, let found, let expected):
            "\(printable(file)) does not fit the model: \(printable(module, limit: 160)) is "
                + "\(printable(found)), and the model's weight is \(expected)"
        case .notFinite(let file, let module):
            "\(printable(file)) has weights "
                + (module.map { "for \(printable($0, limit: 160)) " } ?? "")
                + "that are infinite or not numbers"
        case .badMetadata(let file, let reason):
            "\(printable(file)): \(printable(reason))"
        }
    }

    public var hint: String? {
        switch self {
        case .notFound: "`latent models list` shows the names"
        case .otherBase: "use it with a model of that kind"
        case .unknownTensors, .wrongShape: "the file was probably made for another model"
        case .missingPair, .notFinite, .badMetadata:
            "the file is damaged or was not saved completely; fetch it again"
        case .notAnAdapter: nil
        }
    }

    /// Up to five names and how many more there are.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(5).map { printable($0, limit: 160) }.joined(separator: ", ")
        return names.count > 5 ? "\(shown), and \(names.count - 5) more" : shown
    }
}
