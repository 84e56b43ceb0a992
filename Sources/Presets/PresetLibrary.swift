import Foundation
import Generation
import Settings

/// The styles and parameter presets that ship with the program and those of the user.
public struct PresetLibrary: Hashable, Sendable {
    /// All styles, by group and then in the order of their files; one of the user's replaces a
    /// shipped one of the same name.
    public let styles: [StylePreset]
    /// All parameter presets in the order of their files.
    public let parameters: [ParameterPreset]
    /// What is wrong in the files; nothing here keeps the other entries from working.
    public let problems: [PresetProblem]

    static var locator: ResourceLocator { ResourceLocator(target: "Presets", sourceFolder: "") }

    /// Reads the shipped files and every `*.json5` of `userFolder`.
    ///
    /// - Parameters:
    ///   - userFolder: may be missing.
    ///   - shippedFolder: nil finds the program's own.
    public static func load(userFolder: URL?, shippedFolder: URL? = nil) -> PresetLibrary {
        var reader = PresetReader()
        let shipped = shippedFolder ?? locator.url(for: "presets")
        for url in DataFile.files(in: shipped) + DataFile.files(in: userFolder) {
            reader.read(url)
        }
        return PresetLibrary(
            styles: reader.styles.sortedByGroup(), parameters: reader.parameters,
            problems: reader.problems)
    }

    /// Names of the groups of styles, in order.
    public var groups: [String] {
        styles.map(\.group).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    /// A style by name.
    public func style(named name: String) -> StylePreset? { styles.first { $0.name == name } }

    /// A parameter preset by name.
    public func parameters(named name: String) -> ParameterPreset? {
        parameters.first { $0.name == name }
    }

    /// The request with its style's expansion recorded; unchanged without a style.
    ///
    /// - Throws: ``UnknownStyle``.
    public func applyingStyle(to request: GenerationRequest) throws(UnknownStyle)
        -> GenerationRequest
    {
        guard let name = request.style, !name.isEmpty, name != "none" else { return request }
        guard let style = style(named: name) else {
            throw UnknownStyle(name: name, known: styles.map(\.name))
        }
        var result = request
        var expansion = style.expansion(
            prompt: request.effectivePrompt, negativePrompt: request.effectiveNegativePrompt)
        expansion.prompt2 = request.expansion?.prompt2
        expansion.negativePrompt2 = request.expansion?.negativePrompt2
        expansion.draws = request.expansion?.draws
        result.expansion = expansion
        return result
    }
}

/// A style that no file defines.
public struct UnknownStyle: UserFacingError, Hashable {
    /// What was asked for.
    public let name: String
    /// What there is.
    public let known: [String]

    public var summary: String { "there is no style \"\(printable(name, limit: 80))\"" }
    public var hint: String? { "styles are: " + known.joined(separator: ", ") }
}

extension [StylePreset] {
    /// Groups in order of name, the order of files kept within each.
    fileprivate func sortedByGroup() -> [StylePreset] {
        enumerated().sorted { ($0.element.group, $0.offset) < ($1.element.group, $1.offset) }
            .map(\.element)
    }
}
