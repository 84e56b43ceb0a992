import Foundation
import Generation
import Prompting

/// Turns typed prompts into what the encoders read: choices and wildcards first, then the style.
///
/// What comes out is recorded beside what was typed; a request that has such a record is not
/// expanded again, so that it gives the same picture when the files have changed.
public struct PromptExpander: Sendable {
    /// Which draws are made again.
    public enum Reroll: Hashable, Sendable {
        case all
        /// By number, from 1, in the order of the record.
        case numbers([Int])
        /// As recorded: how often each was made again, by its place.
        case recorded([String: Int])
    }

    private let presets: PresetLibrary
    private let wildcards: WildcardLibrary

    /// - Parameter wildcards: the lists behind `__name__`.
    public init(presets: PresetLibrary, wildcards: WildcardLibrary) {
        self.presets = presets
        self.wildcards = wildcards
    }

    /// The request with its expansion recorded; unchanged when there is nothing to expand.
    ///
    /// The draws are seeded by the job's first seed; where there is none yet, one is drawn here.
    ///
    /// - Parameters:
    ///   - reroll: draws to make again while the others stay.
    ///   - drawSeed: the seed of the draws where it is not the job's first.
    /// - Throws: ``PromptExpansionError`` or ``UnknownStyle``.
    public func expanded(
        _ request: GenerationRequest, rerolling reroll: Reroll? = nil, drawSeed: UInt64? = nil
    ) throws -> GenerationRequest {
        if request.expansion != nil, reroll == nil, drawSeed == nil { return request }
        var result = request
        let recorded = request.expansion?.draws
        result.expansion = nil
        if Self.isDynamic(request) {
            if recorded == nil, drawSeed == nil, result.seeds.isEmpty {
                result.seeds = [UInt64.random(in: 0...UInt64(UInt32.max))]
            }
            let seed = drawSeed ?? recorded?.seed ?? result.seeds.first ?? 0
            var counts = recorded?.rerolls ?? [:]
            if case .recorded(let given) = reroll { counts = given }
            result.expansion = try expansion(of: request, seed: seed, rerolls: counts, reroll)
        } else if reroll != nil || drawSeed != nil {
            throw PromptExpansionError(
                field: .prompt, reason: "the prompt has no choices that could be drawn again")
        }
        return try presets.applyingStyle(to: result)
    }

    /// Whether one of the texts has choices, wildcards or variables.
    public static func isDynamic(_ request: GenerationRequest) -> Bool {
        fields.contains { _, text in text(request).map { DynamicPrompt.isDynamic($0) } ?? false }
    }

    private static let fields: [(RequestField, @Sendable (GenerationRequest) -> String?)] = [
        (.prompt, { $0.prompt }), (.negativePrompt, { $0.negativePrompt }),
        (.prompt2, { $0.prompt2 }), (.negativePrompt2, { $0.negativePrompt2 }),
    ]

    private func expansion(
        of request: GenerationRequest, seed: UInt64, rerolls: [String: Int], _ reroll: Reroll?
    ) throws -> PromptExpansion {
        let prompt = DynamicPrompt(wildcards: wildcards.lookup())
        var parts: [RequestField: DynamicPrompt.Expansion] = [:]
        for (number, (field, text)) in Self.fields.enumerated() {
            guard let text = text(request) else { continue }
            // Texts that have choices at the same place must not draw alike.
            let ownSeed = seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15
            parts[field] = try checked(field) { () throws(DynamicPromptError) in
                try prompt.expand(text, seed: ownSeed, rerolls: Self.own(rerolls, of: field))
            }
        }
        for (field, place) in try Self.places(reroll, in: Self.draws(parts)) {
            guard let part = parts[field] else { continue }
            parts[field] = try checked(field) { () throws(DynamicPromptError) in
                try prompt.reroll(part, choice: place)
            }
        }
        return Self.record(parts, request, seed: seed)
    }

    private static func record(
        _ parts: [RequestField: DynamicPrompt.Expansion], _ request: GenerationRequest,
        seed: UInt64
    ) -> PromptExpansion {
        var result = PromptExpansion(
            prompt: parts[.prompt]?.text ?? request.prompt,
            negativePrompt: parts[.negativePrompt]?.text)
        result.prompt2 = parts[.prompt2]?.text
        result.negativePrompt2 = parts[.negativePrompt2]?.text
        var rerolls: [String: Int] = [:]
        for (field, part) in parts {
            for (place, count) in part.rerolls { rerolls[field.rawValue + place] = count }
        }
        let draws = draws(parts).map {
            PromptDraws.Draw(
                id: $0.field.rawValue + $0.choice.id, source: $0.choice.source,
                picks: $0.choice.picks, options: $0.choice.optionCount)
        }
        result.draws = PromptDraws(seed: seed, draws: draws, rerolls: rerolls)
        return result
    }

    /// All draws in the order of the record.
    private static func draws(
        _ parts: [RequestField: DynamicPrompt.Expansion]
    ) -> [(field: RequestField, choice: DynamicPrompt.Choice)] {
        fields.flatMap { field, _ in (parts[field]?.choices ?? []).map { (field, $0) } }
    }

    private static func places(
        _ reroll: Reroll?, in draws: [(field: RequestField, choice: DynamicPrompt.Choice)]
    ) throws(PromptExpansionError) -> [(RequestField, String)] {
        switch reroll {
        case nil: return []
        case .recorded(let counts):
            let known = Set(draws.map { $0.field.rawValue + $0.choice.id })
            if let unknown = counts.keys.sorted().first(where: { !known.contains($0) }) {
                throw PromptExpansionError(
                    field: .prompt, reason: "there is no draw at \(printable(unknown, limit: 60))")
            }
            return []
        case .all: return draws.map { ($0.field, $0.choice.id) }
        case .numbers(let numbers):
            if let number = numbers.first(where: { !(1...max(1, draws.count)).contains($0) }) {
                throw PromptExpansionError(
                    field: .prompt,
                    reason: "there is no draw \(number); the prompt has \(draws.count)")
            }
            return numbers.map { (draws[$0 - 1].field, draws[$0 - 1].choice.id) }
        }
    }

    /// The rerolls of one field, without its name before their places.
    private static func own(_ rerolls: [String: Int], of field: RequestField) -> [String: Int] {
        var result: [String: Int] = [:]
        for (id, count) in rerolls {
            guard let slash = id.firstIndex(of: "/"), id[..<slash] == field.rawValue else {
                continue
            }
            result[String(id[slash...])] = count
        }
        return result
    }

    private func checked<Result>(
        _ field: RequestField, _ body: () throws(DynamicPromptError) -> Result
    ) throws(PromptExpansionError) -> Result {
        do {
            return try body()
        } catch {
            var reason = printable(error.description, limit: 400)
            if case .unknownWildcard = error {
                reason += "; lists are text files in \(printable(wildcards.folder.path))"
            }
            throw PromptExpansionError(field: field, reason: reason)
        }
    }
}

/// Why a prompt could not be expanded.
public struct PromptExpansionError: UserFacingError, Hashable {
    /// The text.
    public let field: RequestField
    /// What is wrong with it.
    public let reason: String

    public var summary: String { "\(field.option): \(reason)" }
    public var hint: String? { nil }
}
