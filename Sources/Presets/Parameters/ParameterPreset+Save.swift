import Foundation
import Generation
import Settings

extension ParameterPreset {
    /// Writes what a preset may hold of a request to a file of its own, `saved-NAME.json5`; a
    /// file of the same preset is replaced in one step.
    ///
    /// - Parameters:
    ///   - name: what `--preset` takes; letters, digits, spaces, `-`, `_` and `.`, at most 60.
    ///   - folder: the user's presets; made where it is missing.
    /// - Returns: the file.
    /// - Throws: ``PresetNotSaved``.
    public static func save(_ name: String, _ request: GenerationRequest, in folder: URL) throws
        -> URL
    {
        let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || " -_.".contains($0) }
        guard isPlain, (1...60).contains(name.count), name.utf8.count <= 200 else {
            throw PresetNotSaved(
                reason: "a name has 1 to 60 letters, digits, spaces, -, _ or .")
        }
        let encoded = try JSONEncoder().encode(request)
        let all = try JSONSerialization.jsonObject(with: encoded) as? [String: Any] ?? [:]
        let known = Set(GenerationRequest.presetFields.map(\.rawValue))
        let given = Set(RequestField.allCases.filter { request.isGiven($0) }.map(\.rawValue))
        let values = all.filter {
            known.contains($0.key) && given.contains($0.key) && !($0.value is NSNull)
        }
        guard !values.isEmpty else {
            throw PresetNotSaved(reason: "every parameter is at its default")
        }
        let document = ["presets": [name: ["title": name, "set": values] as [String: Any]]]
        let data = try JSONSerialization.data(
            withJSONObject: document, options: [.prettyPrinted, .sortedKeys])
        let url = folder.appendingPathComponent("saved-\(name).json5")
        do {
            try Folders.create(folder)
            try data.write(to: url, options: .atomic)
        } catch {
            throw PresetNotSaved(reason: "\(url.path) cannot be written")
        }
        return url
    }
}

/// Why a preset was not saved.
public struct PresetNotSaved: UserFacingError, Hashable {
    let reason: String

    public var summary: String { printable(reason) }
    public var hint: String? { nil }
}
