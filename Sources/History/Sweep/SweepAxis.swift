import Foundation
import Generation

/// One axis of a sweep: a field and its values, or a text of the prompts and what replaces it.
public struct SweepAxis: Hashable, Sendable {
    /// The field's name, or ``replacing``.
    public let name: String
    /// As typed. For ``replacing`` the first one is also the text that is looked for.
    public let values: [String]

    /// The name of an axis that searches and replaces.
    public static let replacing = "replace"
    /// The most values of an axis.
    public static let maximumValues = 500

    /// A value that an axis cannot have, in words.
    public struct Problem: UserFacingError, Hashable {
        public let summary: String
        public var hint: String?
    }

    /// Reads `steps=8,16,24`, `cfg=2..8:2`, `replace=castle,"a, b"`.
    ///
    /// - Throws: ``Problem``.
    public init(_ text: String) throws {
        guard let equals = text.firstIndex(of: "=") else {
            throw Problem(
                summary: "the axis \(printable(text, limit: 60)) needs the form FIELD=VALUES")
        }
        let name = text[..<equals].trimmingCharacters(in: .whitespaces)
        try self.init(name: name, values: Self.list(String(text[text.index(after: equals)...])))
    }

    /// An axis over values.
    ///
    /// - Throws: ``Problem`` for a field that does not exist, and for too few or too many values.
    public init(name: String, values: [String]) throws {
        self.name = name
        self.values = values
        let shown = printable(name, limit: 40)
        guard values.count <= Self.maximumValues else {
            throw Problem(
                summary: "the axis \(shown) has more than \(Self.maximumValues) values")
        }
        let isReplacing = name == Self.replacing
        guard values.count > (isReplacing ? 1 : 0),
            values[0] != "" || values.count > 1 && !isReplacing
        else {
            throw Problem(
                summary: isReplacing
                    ? "the axis replace needs a text and at least one to put in its place"
                    : "the axis \(shown) has no values")
        }
        if name != Self.replacing { _ = try setting(0) }
    }

    /// The field with one of the values.
    private func setting(_ index: Int) throws -> FieldSetting {
        do {
            return try FieldSetting("\(name)=\(values[index])")
        } catch let problem as FieldSetting.Problem {
            throw problem.ofAxis
        }
    }

    /// A request with a value of this axis.
    ///
    /// - Throws: ``Problem`` or `FieldSetting.Problem`.
    public func applied(_ index: Int, to request: GenerationRequest) throws -> GenerationRequest {
        guard name == Self.replacing else {
            do {
                return try setting(index).applied(to: request)
            } catch let problem as FieldSetting.Problem {
                throw problem.ofAxis
            }
        }
        let (search, value) = (values[0], values[index])
        let texts = [request.prompt, request.negativePrompt, request.prompt2]
        guard texts.contains(where: { $0?.contains(search) ?? false }) else {
            throw Problem(
                summary: "replace: the prompts do not have the text "
                    + "\"\(printable(search, limit: 60))\"")
        }
        func replaced(_ text: String) -> String {
            text.replacingOccurrences(of: search, with: value)
        }
        var result = request
        result.prompt = replaced(request.prompt)
        result.negativePrompt = request.negativePrompt.map(replaced)
        result.prompt2 = request.prompt2.map(replaced)
        result.negativePrompt2 = request.negativePrompt2.map(replaced)
        result.expansion = nil
        return result
    }

    /// What a sheet writes beside a value.
    public func label(_ index: Int) -> String {
        name == Self.replacing ? values[index] : "\(name) \(values[index])"
    }

    /// Values between commas; quotes keep a comma, `a..b` and `a..b:step` count.
    private static func list(_ text: String) throws -> [String] {
        var parts = [""]
        var isQuoted = false
        for character in text {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: parts.append("")
            default: parts[parts.count - 1].append(character)
            }
        }
        guard !isQuoted else {
            throw Problem(summary: "a quote is not closed in \(printable(text, limit: 60))")
        }
        return try parts.flatMap {
            let value = $0.trimmingCharacters(in: .whitespaces)
            return try range(value) ?? [value]
        }
    }

    private static func range(_ text: String) throws -> [String]? {
        guard let dots = text.range(of: "..") else { return nil }
        let rest = text[dots.upperBound...].split(separator: ":", omittingEmptySubsequences: false)
        let numbers = ([text[..<dots.lowerBound]] + rest).compactMap { Decimal(string: String($0)) }
        guard rest.count <= 2, numbers.count == rest.count + 1 else { return nil }
        let step = numbers.count == 3 ? numbers[2] : 1
        guard step > 0, numbers[1] >= numbers[0] else {
            throw Problem(
                summary: "the range \(printable(text, limit: 40)) needs a positive step and an end "
                    + "that is not before its start")
        }
        guard (numbers[1] - numbers[0]) / step < Decimal(maximumValues) else {
            throw Problem(
                summary: "the range \(printable(text, limit: 40)) has more than "
                    + "\(maximumValues) values")
        }
        var values: [String] = []
        var value = numbers[0]
        while value <= numbers[1] {
            values.append("\(value)")
            value += step
        }
        return values
    }
}

extension SweepAxis: Codable {
    private enum CodingKeys: String, CodingKey { case field, values }

    /// A value of an axis: any scalar of JSON.
    private struct Scalar: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self.text = text
            } else if let number = try? value.decode(Int.self) {
                text = String(number)
            } else {
                text = String(try value.decode(Double.self))
            }
        }
    }

    /// Reads `"steps=8,16"` or `{"field": "steps", "values": [8, 16]}`.
    public init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            try self.init(text)
            return
        }
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            name: try fields.decode(String.self, forKey: .field),
            values: try fields.decode([Scalar].self, forKey: .values).map(\.text))
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .field)
        try fields.encode(values, forKey: .values)
    }
}
