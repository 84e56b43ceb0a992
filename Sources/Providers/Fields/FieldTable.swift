import Generation
import Settings

/// What a service does with the fields of a request: everything that is not named is refused with
/// the service's name.
struct FieldTable {
    private(set) var fields: [RequestField: FieldSupport] = [:]

    /// Text, styles (which are expanded here) and the backend itself are common to all services.
    init(_ title: String) {
        for field in RequestField.allCases {
            fields[field] = .unsupported(reason: "\(title) has no such field")
        }
        for field in [RequestField.version, .prompt, .expansion, .backend, .style] {
            fields[field] = .any
        }
        fields[.promptWeighting] = .unsupported(
            reason: "how \(title) reads weights cannot be chosen")
    }

    subscript(field: RequestField) -> FieldSupport {
        get { fields[field] ?? .any }
        set { fields[field] = newValue }
    }

    /// Whole numbers.
    mutating func integers(_ field: RequestField, _ range: ClosedRange<Int>, step: Int = 1) {
        fields[field] = .integers(
            minimum: range.lowerBound, maximum: range.upperBound, step: step)
    }

    /// Numbers.
    mutating func numbers(_ field: RequestField, _ range: ClosedRange<Double>) {
        fields[field] = .numbers(minimum: range.lowerBound, maximum: range.upperBound)
    }

    /// A switch in place of a model: `on` or `off`.
    mutating func onOff(_ field: RequestField) { fields[field] = .choices(["on", "off"]) }
}

extension GenerationRequest {
    /// The truth of a field that is `on` or `off`; nil when it is not given.
    static func truth(_ value: String?) -> Bool? { value.map { $0 == "on" } }

    /// Whether each seed is the one before plus one, as `--count` makes them.
    var hasConsecutiveSeeds: Bool {
        zip(seeds, seeds.dropFirst()).allSatisfy { $0 &+ 1 == $1 }
    }

    /// Whether a text is a link.
    static func isLink(_ text: String) -> Bool {
        let start = text.prefix(8).lowercased()
        return start.hasPrefix("http://") || start.hasPrefix("https://")
    }

    /// Problems of fields that must be links, or must be files here.
    func placeProblems(
        _ values: [(RequestField, String?)], mustBeLinks: Bool, service: String
    ) -> [RequestProblem] {
        values.compactMap { field, value in
            guard let value, Self.isLink(value) != mustBeLinks else { return nil }
            return RequestProblem(
                field: field, value: value,
                reason: mustBeLinks
                    ? "\(service) fetches pictures itself: a public http or https address is needed"
                    : "\(service) is sent the picture: the path of a file is needed")
        }
    }

    /// Weights of LoRAs that a service has no place for.
    func loraProblems(of profile: ServiceProfile) -> [RequestProblem] {
        let takesTwo = [.a1111, .comfyui].contains(profile.kind)
        return loras.filter {
            $0.blockWeights != nil || $0.textEncoderWeight != nil && !takesTwo
        }.map {
            RequestProblem(
                field: .loras, value: $0.argument,
                reason: takesTwo
                    ? "\(profile.title) has no weights for blocks"
                    : "\(profile.title) has one weight for the whole LoRA")
        }
    }

    /// Several pictures of a service that counts on from one seed.
    func seedRunProblems(service: String) -> [RequestProblem] {
        guard !hasConsecutiveSeeds else { return [] }
        return [
            RequestProblem(
                field: .seeds, value: "\(seeds.count) seeds",
                reason: "\(service) takes one seed for all pictures: --seed N with --count")
        ]
    }
}
