import Screen

/// The table of keys for the README, made from the actions.
public enum KeyTable {
    /// Markdown: one heading and table per scope, default keys.
    public static var markdown: String {
        Scope.allCases.map(section).joined(separator: "\n")
    }

    private static func section(_ scope: Scope) -> String {
        let rows = Action.all.compactMap { action -> String? in
            let keys = action.bindings.filter { $0.scope == scope }.map { "`\($0.key.name)`" }
            return keys.isEmpty ? nil : "| \(keys.joined(separator: " ")) | \(action.help) |"
        }
        return "**\(scope.title)**\n\n| key | |\n|---|---|\n"
            + rows.map { $0 + "\n" }.joined()
    }
}
