import Foundation
import Generation
import Images

/// `FIELD=VALUE`, as `--set` gives it: one field of a request and its new value.
public struct FieldSetting: Hashable, Sendable {
    /// The field.
    public let field: RequestField
    /// The value as typed; empty: back to the default.
    public let value: String

    /// A setting that cannot be applied, in words.
    public struct Problem: UserFacingError, Hashable {
        public let summary: String
        public let hint: String?

        /// The same about an axis, where nobody wrote `--set`.
        var ofAxis: Problem {
            Problem(summary: String(summary.trimmingPrefix("--set ")), hint: hint)
        }
    }

    /// Reads `FIELD=VALUE`; the field is a key of the request (`steps`) or its option without
    /// hyphens (`cfg`).
    ///
    /// - Throws: ``Problem``.
    public init(_ text: String) throws {
        let shown = printable(text, limit: 80)
        guard let equals = text.firstIndex(of: "=") else {
            throw Problem(summary: "--set \(shown): FIELD=VALUE is needed", hint: nil)
        }
        let name = String(text[..<equals])
        let found = RequestField.allCases.first {
            $0.rawValue.lowercased() == name.lowercased() || $0.option == "--" + name
        }
        guard let field = found, field != .version, field != .expansion else {
            throw Problem(
                summary: "--set \(shown): there is no field \(printable(name, limit: 40))",
                hint: "fields: "
                    + RequestField.allCases.filter { $0 != .version && $0 != .expansion }
                    .map(\.rawValue).joined(separator: " "))
        }
        self.field = field
        value = String(text[text.index(after: equals)...])
    }

    /// The request with the field changed. A changed prompt or style drops the recorded expansion.
    ///
    /// - Throws: ``Problem`` when the value is not one that the field can have.
    public func applied(to request: GenerationRequest) throws -> GenerationRequest {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let text = String(decoding: try encoder.encode(request), as: UTF8.self)
        guard case .object(var members)? = JSONValue(parsing: text) else { return request }
        if [.prompt, .negativePrompt, .prompt2, .negativePrompt2, .style].contains(field) {
            members["expansion"] = nil
        }
        let meanings: [JSONValue?] = value.isEmpty ? [emptyValue] : candidates
        for candidate in meanings {
            members[field.rawValue] = candidate
            let changed = Data(JSONValue.object(members).json.utf8)
            if let decoded = try? JSONDecoder().decode(GenerationRequest.self, from: changed) {
                return decoded
            }
        }
        throw Problem(
            summary: "--set \(field.rawValue)=\(printable(value, limit: 60)): "
                + "the field cannot have this value",
            hint: expectation)
    }

    /// What an empty text means: the default, and for the prompt, which must exist, no words.
    private var emptyValue: JSONValue? { field == .prompt ? .string("") : nil }

    /// What the text may mean, the likeliest first.
    private var candidates: [JSONValue] {
        let literals = JSONValue(parsing: value).map { [$0] } ?? []
        switch field {
        case .prompt, .negativePrompt, .prompt2, .negativePrompt2, .backend, .model, .vae,
            .refiner, .style, .initImage, .maskImage:
            return [.string(value)]
        case .seeds:
            if value == "random" { return [.array([])] }
            return literals + [.array(value.split(separator: ",").map { .number(String($0)) })]
        case .sampler:
            return [SamplerNames.read(value).map { .string($0.sampler.rawValue) } ?? .string(value)]
        case .schedule:
            return [
                SamplerNames.readSchedule(value).map { .string($0.rawValue) } ?? .string(value)
            ]
        case .loras: return literals + [.array(value.split(separator: ",").map(Self.lora))]
        case .hires: return literals + [Self.hires(value)]
        case .outpaint: return literals + [Self.outpaint(value)]
        default: return literals + [.string(value.lowercased())]
        }
    }

    private var expectation: String? {
        switch field {
        case .sampler: "one of " + Sampler.allCases.map(\.rawValue).joined(separator: ", ")
        case .schedule: "one of " + Schedule.allCases.map(\.rawValue).joined(separator: ", ")
        case .precision: "one of " + Precision.allCases.map(\.rawValue).joined(separator: ", ")
        case .noiseSource:
            "one of " + NoiseSourceName.allCases.map(\.rawValue).joined(separator: ", ")
        case .seeds: "whole numbers from 0 to 2^64-1, separated by commas, or random"
        case .loras: "NAME:WEIGHT, separated by commas"
        case .hires: "SCALE[:STRENGTH[:latent|pixels]]"
        case .outpaint: "four whole numbers and perhaps a fill: left,top,right,bottom[:edges|noise]"
        default: nil
        }
    }

    private static func lora(_ text: Substring) -> JSONValue {
        let parts = text.split(separator: ":")
        let weight = parts.count > 1 ? parts.last.map { String($0) } : nil
        let name = weight == nil ? text : parts.dropLast().joined(separator: ":")[...]
        return .object(["name": .string(String(name)), "weight": .number(weight ?? "1")])
    }

    private static func hires(_ text: String) -> JSONValue {
        let parts = text.split(separator: ":").map { String($0) }
        var members: [String: JSONValue] = ["scale": parts.first.map { .number($0) } ?? .null]
        if parts.count > 1 { members["strength"] = .number(parts[1]) }
        if parts.count > 2 { members["upscaler"] = .string(parts[2]) }
        return .object(members)
    }

    private static func outpaint(_ text: String) -> JSONValue {
        let parts = text.split(separator: ":", maxSplits: 1)
        let sides = (parts.first ?? "").split(separator: ",").map { JSONValue.number(String($0)) }
        guard sides.count == 4 else { return .string(text) }
        return .object([
            "left": sides[0], "top": sides[1], "right": sides[2], "bottom": sides[3],
            "fill": .string(parts.count > 1 ? String(parts[1]) : "edges"),
        ])
    }
}
