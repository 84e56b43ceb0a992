import Images

/// The members of a JSON object to be sent, in the order in which they are set.
///
/// Whole numbers are written without a fraction, absent options are left out.
public struct JSONBody: Hashable, Sendable {
    private var members: [(key: String, value: JSONValue)] = []

    public init() {}

    /// Sets a member; nil leaves it out.
    public mutating func set(_ key: String, _ text: String?) {
        set(key, text.map { .string($0) })
    }

    /// Sets a member; nil leaves it out.
    public mutating func set(_ key: String, _ number: Int?) {
        set(key, number.map { .number(String($0)) })
    }

    /// Sets a member; nil leaves it out.
    public mutating func set(_ key: String, _ number: UInt64?) {
        set(key, number.map { .number(String($0)) })
    }

    /// Sets a member; nil leaves it out. Must be finite.
    public mutating func set(_ key: String, _ number: Double?) {
        set(key, number.map { .number($0) })
    }

    /// Sets a member; nil leaves it out.
    public mutating func set(_ key: String, _ truth: Bool?) {
        set(key, truth.map { .bool($0) })
    }

    /// Sets a member; nil leaves it out.
    public mutating func set(_ key: String, _ body: JSONBody?) {
        set(key, body?.value)
    }

    /// Sets a member; nil leaves it out.
    public mutating func set(_ key: String, _ value: JSONValue?) {
        members.removeAll { $0.key == key }
        if let value { members.append((key, value)) }
    }

    /// Sets a member to any JSON value; nil leaves it out.
    public mutating func set(json key: String, _ value: JSONValue?) { set(key, value) }

    /// As a value, for nesting.
    public var value: JSONValue {
        .object(Dictionary(members.map { ($0.key, $0.value) }) { _, last in last })
    }

    /// UTF-8.
    public var bytes: [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "{")]
        for (index, member) in members.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONValue.string(member.key).write(to: &output)
            output.append(UInt8(ascii: ":"))
            member.value.write(to: &output)
        }
        output.append(UInt8(ascii: "}"))
        return output
    }

    public static func == (left: JSONBody, right: JSONBody) -> Bool { left.value == right.value }
    public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension JSONValue {
    /// A number as JSON writes it: whole ones without a fraction.
    public static func number(_ value: Double) -> JSONValue {
        if let whole = Int(exactly: value) { return .number(String(whole)) }
        return .number(value.isFinite ? "\(value)" : "0")
    }

    /// A whole number.
    public static func number(_ value: Int) -> JSONValue { .number(String(value)) }

    /// Appends the document as UTF-8; members are sorted.
    func write(to output: inout [UInt8]) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .number(let literal): output += literal.utf8
        case .string(let text): Self.write(text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): output += "\\n".utf8
            case UInt8(ascii: "\r"): output += "\\r".utf8
            case UInt8(ascii: "\t"): output += "\\t".utf8
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                output += Array("\\u00\(digits.count == 1 ? "0" : "")\(digits)".utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
