import Generation

extension RequestField {
    /// What the studio calls the field.
    public var label: String {
        switch self {
        case .prompt: "Prompt"
        case .negativePrompt: "Negative prompt"
        default: ParameterID.allCases.first { $0.field == self }?.label ?? rawValue
        }
    }
}

extension RequestProblem {
    /// The problem in the studio's words: `Steps 0: a whole number from 1 to 1000 is needed`.
    public var labelled: String {
        let reason = reason.inStudioWords
        return value.isEmpty ? "\(field.label): \(reason)" : "\(field.label) \(value): \(reason)"
    }
}
