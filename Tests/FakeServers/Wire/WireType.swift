import Foundation

/// What a service accepts in one place of a request.
public indirect enum WireType: Sendable {
    case anything
    case string
    case filledString
    case boolean
    /// A number written without fraction and exponent.
    case integer(ClosedRange<Int>)
    /// 0 to 2^64-1, written without fraction and exponent.
    case unsigned
    case number(ClosedRange<Double>)
    /// A number above `lower`, at most `upper`.
    case numberAbove(Double, upTo: Double)
    case choice([String])
    case list(WireType, count: ClosedRange<Int>)
    /// An object with any keys and one kind of value.
    case map(WireType)
    case object(WireObject)
    case nullable(WireType)
    case either([WireType])
    /// base64 of a PNG or JPEG without a `data:` prefix.
    case picture
    /// base64 of a PNG or JPEG, with or without a `data:` prefix.
    case pictureOrDataURI
    /// An `http` or `https` URL.
    case link

    /// What is wrong with `value`; `path` names its place.
    public func problems(of value: WireJSON, at path: [String]) -> [WireProblem] {
        func wrong(_ message: String, _ type: String = "type_error") -> [WireProblem] {
            [WireProblem(path: path, message: message, type: type)]
        }
        switch self {
        case .anything: return []
        case .string: return value.text == nil ? wrong("str type expected") : []
        case .filledString:
            return (value.text ?? "").isEmpty ? wrong("a text that is not empty is expected") : []
        case .boolean:
            return value.truth == nil ? wrong("value could not be parsed to a boolean") : []
        case .integer(let range):
            guard let number = value.integer else { return wrong("value is not a valid integer") }
            return range.contains(number) ? [] : wrong("\(number) is out of range", "value_error")
        case .unsigned: return value.unsigned == nil ? wrong("value is not a valid integer") : []
        case .number(let range):
            guard let number = value.double else { return wrong("value is not a valid float") }
            return range.contains(number) ? [] : wrong("\(number) is out of range", "value_error")
        case .numberAbove(let lower, let upper):
            guard let number = value.double else { return wrong("value is not a valid float") }
            return number > lower && number <= upper
                ? [] : wrong("\(number) is out of range", "value_error")
        case .choice(let names):
            guard let text = value.text else { return wrong("str type expected") }
            return names.contains(text) ? [] : wrong("\(text) is not permitted", "value_error.enum")
        default: return structuralProblems(of: value, at: path)
        }
    }

    private func structuralProblems(of value: WireJSON, at path: [String]) -> [WireProblem] {
        func wrong(_ message: String, _ type: String = "type_error") -> [WireProblem] {
            [WireProblem(path: path, message: message, type: type)]
        }
        switch self {
        case .list(let type, let count):
            guard let elements = value.elements else { return wrong("value is not a valid list") }
            guard count.contains(elements.count) else {
                return wrong("\(elements.count) elements", "value_error.list")
            }
            return elements.enumerated().flatMap {
                type.problems(of: $0.element, at: path + [String($0.offset)])
            }
        case .map(let type):
            guard let members = value.members else { return wrong("value is not a valid dict") }
            return members.flatMap { type.problems(of: $0.value, at: path + [$0.key]) }
        case .object(let object): return object.problems(of: value, at: path)
        case .nullable(let type): return value == .null ? [] : type.problems(of: value, at: path)
        case .either(let types):
            let all = types.map { $0.problems(of: value, at: path) }
            return all.contains { $0.isEmpty } ? [] : all.last ?? []
        case .picture: return Self.isPicture(value.text) ? [] : wrong("not base64 of a picture")
        case .pictureOrDataURI:
            return Self.isPicture(Self.withoutDataPrefix(value.text))
                ? [] : wrong("not base64 of a picture")
        case .link:
            let url = value.text.flatMap { URL(string: $0) }
            return ["http", "https"].contains(url?.scheme ?? "") && url?.host != nil
                ? [] : wrong("not a link")
        default: return []
        }
    }

    /// The text behind `data:...;base64,`, or the text itself.
    public static func withoutDataPrefix(_ text: String?) -> String? {
        guard let text, text.hasPrefix("data:") else { return text }
        return text.split(separator: ",", maxSplits: 1).last.map(String.init)
    }

    private static func isPicture(_ text: String?) -> Bool {
        guard let text, let data = Data(base64Encoded: text) else { return false }
        return data.starts(with: [0x89, 0x50, 0x4E, 0x47]) || data.starts(with: [0xFF, 0xD8, 0xFF])
    }
}

/// The fields of a JSON object.
public struct WireObject: Sendable {
    /// The fields that exist.
    public let fields: [String: WireType]
    /// Those that must be there.
    public let required: Set<String>

    public init(required: Set<String> = [], _ fields: [String: WireType]) {
        self.fields = fields
        self.required = required
    }

    /// Missing fields, unknown fields and wrong values.
    public func problems(of value: WireJSON, at path: [String] = []) -> [WireProblem] {
        guard let members = value.members else {
            return [WireProblem(path: path, message: "an object is expected", type: "type_error")]
        }
        let missing = required.subtracting(members.map(\.key)).sorted().map {
            WireProblem(path: path + [$0], message: "field required", type: "value_error.missing")
        }
        return missing
            + members.flatMap { member -> [WireProblem] in
                let place = path + [member.key]
                guard let type = fields[member.key] else {
                    return [
                        WireProblem(
                            path: place, message: "extra fields not permitted",
                            type: "value_error.extra")
                    ]
                }
                return type.problems(of: member.value, at: place)
            }
    }
}

/// One thing that is wrong with a request.
public struct WireProblem: Sendable, Equatable, CustomStringConvertible {
    /// Keys and indices from the top.
    public let path: [String]
    public let message: String
    /// pydantic's word for it.
    public let type: String

    public var description: String { path.joined(separator: ".") + ": " + message }

    /// As FastAPI reports it, under `detail`.
    public var fastAPI: WireJSON {
        [
            "loc": .array((["body"] + path).map { .string($0) }), "msg": .string(message),
            "type": .string(type),
        ]
    }
}
