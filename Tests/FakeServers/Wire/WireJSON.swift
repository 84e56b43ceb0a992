/// A JSON value as it stands on the wire: members in order, numbers as literals.
///
/// Independent of the readers and writers under test, and stricter: repeated keys, broken UTF-8 and
/// trailing text are errors, and `30` and `30.0` are different.
public indirect enum WireJSON: Sendable, Equatable {
    case null
    case bool(Bool)
    /// The literal.
    case number(String)
    case string(String)
    case array([WireJSON])
    case object([Member])

    /// One member of an object.
    public struct Member: Sendable, Equatable {
        public let key: String
        public let value: WireJSON

        public init(key: String, value: WireJSON) {
            self.key = key
            self.value = value
        }
    }

    /// The member `key` of an object.
    public subscript(key: String) -> WireJSON? {
        members?.first { $0.key == key }?.value
    }

    /// The element at `index` of an array.
    public subscript(index: Int) -> WireJSON? {
        guard let elements, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The members of an object.
    public var members: [Member]? { if case .object(let members) = self { members } else { nil } }

    /// The elements of an array.
    public var elements: [WireJSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The text of a string.
    public var text: String? { if case .string(let text) = self { text } else { nil } }

    /// The literal of a number.
    public var literal: String? { if case .number(let text) = self { text } else { nil } }

    /// A whole number written as one: no fraction, no exponent.
    public var integer: Int? { isIntegral ? literal.flatMap { Int($0) } : nil }

    /// A whole number from 0 to 2^64-1 written as one.
    public var unsigned: UInt64? { isIntegral ? literal.flatMap { UInt64($0) } : nil }

    /// Any number.
    public var double: Double? { literal.flatMap { Double($0) } }

    /// A truth value.
    public var truth: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// Whether a number is written without fraction and exponent.
    public var isIntegral: Bool {
        literal.map { !$0.contains { ".eE".contains($0) } } ?? false
    }

    /// The keys of an object, sorted.
    public var keys: [String] { (members ?? []).map(\.key).sorted() }

    /// The text of the value.
    public var bytes: [UInt8] { Array(serialised.utf8) }

    /// The value without white space.
    public var serialised: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let literal): literal
        case .string(let text): Self.quoted(text)
        case .array(let elements): "[" + elements.map(\.serialised).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.map { Self.quoted($0.key) + ":" + $0.value.serialised }
                .joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension WireJSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(String(value)) }
    public init(floatLiteral value: Double) { self = .number(String(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: WireJSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, WireJSON)...) {
        self = .object(elements.map { Member(key: $0.0, value: $0.1) })
    }
    public init(nilLiteral: ()) { self = .null }

    /// A whole number.
    public static func integer(_ number: some BinaryInteger) -> WireJSON {
        .number(String(number))
    }
}
