import Generation

/// What is wrong in a theme or preset file, and where.
public struct PresetProblem: UserFacingError, Hashable {
    /// The file.
    public let file: String
    /// Line from 1; 0 when the file as a whole is meant.
    public let line: Int
    /// The key, with those around it: `roles.border.fg`; empty for the whole file.
    public let key: String
    /// What is wrong and what is accepted.
    public let reason: String
    /// Whether the rest of the file is used all the same.
    public let isWarning: Bool

    public var summary: String {
        let place = line > 0 ? "\(file):\(line)" : file
        return printable("\(place): \(key.isEmpty ? "" : key + ": ")\(reason)")
    }

    public var hint: String? {
        isWarning ? "the rest of the file is used" : "the entry is left out"
    }
}
