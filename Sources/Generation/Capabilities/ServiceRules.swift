/// Width and height of a picture in pixels.
public struct PictureSize: Codable, Hashable, Sendable, CustomStringConvertible {
    public let width: Int
    public let height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// `1024x1024`.
    public var description: String { "\(width)x\(height)" }
}

/// A field of one service that ``GenerationRequest`` has no name for.
public struct ExtraField: Codable, Hashable, Sendable {
    /// What it takes.
    public enum Kind: Codable, Hashable, Sendable {
        case text
        case integer(minimum: Int, maximum: Int)
        case number(minimum: Double, maximum: Double)
        case truth
        case choices([String])
        /// A JSON document of the service's own shape.
        case json
        /// The path of a picture.
        case picture
    }

    /// The service's name of the field.
    public let name: String
    public let kind: Kind
    /// What it does, a few words.
    public let note: String

    public init(_ name: String, _ kind: Kind, _ note: String = "") {
        self.name = name
        self.kind = kind
        self.note = note
    }

    /// The accepted values in words.
    public var accepted: String {
        switch kind {
        case .text: "a text"
        case .integer(let minimum, let maximum): "a whole number from \(minimum) to \(maximum)"
        case .number(let minimum, let maximum): "a number from \(minimum) to \(maximum)"
        case .truth: "true or false"
        case .choices(let names): "one of " + names.joined(separator: ", ")
        case .json: "JSON"
        case .picture: "the path of a picture"
        }
    }

    /// Whether a value is accepted; JSON is checked by the service's own rules.
    public func accepts(_ value: String) -> Bool {
        switch kind {
        case .text, .json, .picture: !value.isEmpty
        case .integer(let minimum, let maximum):
            Int(value).map { (minimum...max(minimum, maximum)).contains($0) } ?? false
        case .number(let minimum, let maximum):
            Double(value).map { (minimum...max(minimum, maximum)).contains($0) } ?? false
        case .truth: ["true", "false"].contains(value)
        case .choices(let names): names.contains(value)
        }
    }
}

extension GenerationRequest {
    /// Too many elements in a list.
    func numberProblems(
        of field: RequestField, for capabilities: GeneratorCapabilities
    ) -> [RequestProblem] {
        guard let maximum = capabilities.maximumItems[field] else { return [] }
        let count =
            switch field {
            case .loras: loras.count
            case .embeddings: embeddings.count
            case .controls: controls.count
            case .imagePrompts: imagePrompts.count
            default: 0
            }
        guard count > maximum else { return [] }
        return [
            RequestProblem(
                field: field, value: "\(count) times", reason: "at most \(maximum) is taken")
        ]
    }

    /// A size that is none of those that a service takes; an open side goes with any.
    func sizeProblems(for capabilities: GeneratorCapabilities) -> [RequestProblem] {
        let sizes = capabilities.sizes
        guard !sizes.isEmpty, width != nil || height != nil else { return [] }
        let fits = sizes.contains {
            (width == nil || width == $0.width) && (height == nil || height == $0.height)
        }
        if fits, (width == nil) == (height == nil) { return [] }
        let names = sizes.map(\.description).joined(separator: ", ")
        let given = "\(width.map(String.init) ?? "?")x\(height.map(String.init) ?? "?")"
        let reason = fits ? "width and height are needed together: " : "one of these is needed: "
        return [RequestProblem(field: .width, value: given, reason: reason + names)]
    }

    /// Extras that the backend does not have, or whose value it does not take.
    func extraProblems(for capabilities: GeneratorCapabilities) -> [RequestProblem] {
        guard capabilities.support(for: .extras).isSupported else { return [] }
        return extras.sorted { $0.key < $1.key }.compactMap { name, value in
            guard let field = capabilities.extras.first(where: { $0.name == name }) else {
                let known = capabilities.extras.map(\.name).joined(separator: ", ")
                return RequestProblem(
                    field: .extras, value: name,
                    reason: known.isEmpty
                        ? "this backend has none" : "not one of this backend's: \(known)")
            }
            guard !field.accepts(value) else { return nil }
            return RequestProblem(
                field: .extras, value: "\(name)=\(value)", reason: field.accepted + " is needed")
        }
    }
}
