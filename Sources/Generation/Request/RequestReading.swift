/// A request as a person wrote it: what could be read, and everything that could not.
public struct RequestReading: Decodable, Sendable {
    /// The fields that could be read; the others have their defaults.
    public let request: GenerationRequest
    /// What is wrong, one sentence per key, with what is accepted.
    public let problems: [String]

    /// Tries every key.
    ///
    /// - Throws: `DecodingError` when it is no object; ``RequestFormatError/newerVersion(_:)``, since
    ///   other keys may mean something else there.
    public init(from decoder: any Decoder) throws {
        let reader = try GenerationRequest.reading(decoder)
        request = reader.request
        problems =
            reader.unknownKeys.map { "\(printable($0, limit: 60)): there is no such field" }
            + reader.errors.map(RequestReading.sentence)
    }

    /// A decoding error in the words of the file.
    private static func sentence(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            return place(context.codingPath + [key]) + " is missing"
        case .valueNotFound(let type, let context):
            return "\(place(context.codingPath)): \(name(of: type)) is needed, not null"
        case .typeMismatch(let type, let context):
            return "\(place(context.codingPath)): \(accepted(at: context, else: name(of: type)))"
        case .dataCorrupted(let context):
            return "\(place(context.codingPath)): "
                + accepted(at: context, else: "another number or text")
        @unknown default:
            return "a value cannot be read"
        }
    }

    /// `controls[0].scale`.
    private static func place(_ path: [any CodingKey]) -> String {
        let text = withoutWrapper(path).reduce("") { text, key in
            if let index = key.intValue { return text + "[\(index)]" }
            return text.isEmpty ? key.stringValue : text + "." + key.stringValue
        }
        return printable(text, limit: 80)
    }

    /// What `--json` prints holds the request under a key of its own.
    private static func withoutWrapper(_ path: [any CodingKey]) -> ArraySlice<any CodingKey> {
        path.first?.stringValue == "request" ? path.dropFirst() : path[...]
    }

    /// What the place takes; `name` where only the type is known.
    private static func accepted(
        at context: DecodingError.Context, else name: String
    ) -> String {
        let path = withoutWrapper(context.codingPath)
        let fields = path.filter { $0.intValue == nil }.map(\.stringValue)
        if fields.last == "method" { return oneOf(ImagePromptReference.Method.self) }
        guard fields.count == 1, let field = fields.first.flatMap({ RequestField(rawValue: $0) })
        else {
            return "\(name) is needed"
        }
        switch field {
        case .sampler: return oneOf(Sampler.self)
        case .schedule: return oneOf(Schedule.self)
        case .noiseSource: return oneOf(NoiseSourceName.self)
        case .promptWeighting: return oneOf(PromptWeighting.self)
        case .safety: return oneOf(SafetyMode.self)
        case .tiling: return oneOf(TilingMode.self)
        case .precision: return oneOf(Precision.self)
        case .width, .height, .steps, .clipSkip: return "a whole number is needed"
        case .seeds where path.count == 1:
            return "a list of whole numbers from 0 to \(UInt64.max) is needed"
        case .seeds, .variationSeed: return "a whole number from 0 to \(UInt64.max) is needed"
        case .extras: return "an object with texts as values is needed"
        default: return "\(name) is needed"
        }
    }

    private static func oneOf<Choice>(_ type: Choice.Type) -> String
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        "one of \(type.allCases.map(\.rawValue).joined(separator: ", ")) is needed"
    }

    /// What a value of the type is called in JSON.
    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is Bool.Type: "true or false"
        case is [Any].Type: "a list"
        default: "an object"
        }
    }
}
