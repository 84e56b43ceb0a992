import Generation

/// What changed between two requests.
public struct RequestDiff: Hashable, Sendable {
    /// One field that differs.
    public struct Change: Codable, Hashable, Sendable {
        public var field: RequestField
        /// The value before; empty when it was absent.
        public var old: String
        /// The value after; empty when it is absent.
        public var new: String
    }

    /// Every field that differs, in the order of the fields.
    public let changes: [Change]
    /// The prompt word by word, when it differs.
    public let prompt: [PromptDiff.Piece]
    /// The negative prompt word by word, when it differs.
    public let negativePrompt: [PromptDiff.Piece]

    /// Compares two requests.
    public init(from old: GenerationRequest, to new: GenerationRequest) {
        changes = RequestField.allCases.compactMap { field in
            let (before, after) = (old.value(of: field), new.value(of: field))
            let isChanged =
                field == .expansion ? old.expansion != new.expansion : before != after
            guard isChanged, field != .version else { return nil }
            return Change(field: field, old: before.description, new: after.description)
        }
        func words(_ old: String?, _ new: String?) -> [PromptDiff.Piece] {
            old == new ? [] : PromptDiff.pieces(from: old ?? "", to: new ?? "")
        }
        prompt = words(old.prompt, new.prompt)
        negativePrompt = words(old.negativePrompt, new.negativePrompt)
    }

    /// Whether nothing differs.
    public var isEmpty: Bool { changes.isEmpty }
}
