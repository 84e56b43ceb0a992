/// A JSON document of unknown shape, as other tools leave it in pictures.
///
/// Numbers keep their literal text, because seeds go up to 2^64-1 and a detour over `Double` would
/// change them.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The literal as written, for example `1e3` or `18446744073709551615`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// The member `key` of an object, or nil.
    public subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The element at `index` of an array, or nil.
    public subscript(index: Int) -> JSONValue? {
        if case .array(let elements) = self, elements.indices.contains(index) {
            elements[index]
        } else {
            nil
        }
    }

    /// The members of an object, or nil.
    public var members: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The elements of an array, or nil.
    public var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The text of a string, or nil.
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The text of a string that is not empty, or nil.
    public var filledText: String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    /// A whole number: a number without a fraction, or a string that holds one.
    public var integer: Int? {
        switch self {
        case .number(let literal), .string(let literal):
            Int(literal) ?? Double(literal).flatMap { Int(exactly: $0) }
        default: nil
        }
    }

    /// A whole number from 0 to 2^64-1: a number without a fraction, or a string that holds one.
    public var unsigned: UInt64? {
        switch self {
        case .number(let literal), .string(let literal):
            UInt64(literal) ?? Double(literal).flatMap { UInt64(exactly: $0) }
        default: nil
        }
    }

    /// A finite number, or a string that holds one.
    public var double: Double? {
        switch self {
        case .number(let literal), .string(let literal):
            Double(literal).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    /// A truth value: `true`, 1, "true", "True", "yes".
    public var truth: Bool? {
        switch self {
        case .bool(let value): value
        case .number(let literal): Double(literal).map { $0 != 0 }
        case .string(let text): ["true": true, "false": false, "yes": true][text.lowercased()]
        default: nil
        }
    }
}
