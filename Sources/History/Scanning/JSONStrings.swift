import Images

/// Lists of strings inside records.
enum JSONStrings {
    /// The strings of a JSON array; empty when the text is none.
    static func read(_ literal: String) -> [String] {
        JSONValue(parsing: literal)?.elements?.compactMap(\.text) ?? []
    }
}
