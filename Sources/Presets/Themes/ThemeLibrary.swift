import Foundation
import Settings

/// The themes that ship with the program and those of the user.
public struct ThemeLibrary: Hashable, Sendable {
    /// All themes in order of name; one of the user's replaces a shipped one of the same name.
    public let themes: [Theme]
    /// What is wrong in the files; nothing here keeps the other themes from working.
    public let problems: [PresetProblem]

    /// Name of the theme that is used unless another is asked for.
    public static let defaultName = "midnight"

    /// Reads the shipped themes and every `*.json5` of `userFolder`.
    ///
    /// - Parameters:
    ///   - userFolder: may be missing.
    ///   - shippedFolder: nil finds the program's own.
    public static func load(userFolder: URL?, shippedFolder: URL? = nil) -> ThemeLibrary {
        let shipped = shippedFolder ?? PresetLibrary.locator.url(for: "themes")
        var byName: [String: Theme] = [:]
        var problems: [PresetProblem] = []
        for url in DataFile.files(in: shipped) + DataFile.files(in: userFolder) {
            let result = ThemeReader.read(url)
            problems += result.problems
            if let theme = result.theme { byName[theme.name] = theme }
        }
        return ThemeLibrary(
            themes: byName.values.sorted { $0.name < $1.name }, problems: problems)
    }

    /// A theme by name.
    public subscript(name: String) -> Theme? { themes.first { $0.name == name } }

    /// The theme of that name, or the default, or the one that needs no file.
    public func theme(named name: String?) -> Theme {
        name.flatMap { self[$0] } ?? self[Self.defaultName] ?? .builtIn
    }
}
