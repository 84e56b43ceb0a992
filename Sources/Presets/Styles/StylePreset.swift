import Generation

/// Words around a prompt that give it a style.
public struct StylePreset: Hashable, Sendable {
    /// What `--style` takes, such as `oil-painting`.
    public var name: String
    /// What a list shows.
    public var title: String
    /// Under which heading.
    public var group: String
    /// The prompt with a `{prompt}` slot.
    public var prompt: String
    /// What is added to the negative prompt; may be empty.
    public var negative: String

    /// The place of the typed prompt.
    public static let slot = "{prompt}"

    /// A style from its texts; one without a slot is added behind the prompt.
    public init(name: String, title: String, group: String, prompt: String, negative: String = "") {
        self.name = name
        self.title = title
        self.group = group
        self.prompt = prompt
        self.negative = negative
    }

    /// What the encoders read when this style is applied to typed prompts.
    public func expansion(prompt typed: String, negativePrompt: String?) -> PromptExpansion {
        PromptExpansion(
            prompt: expandedPrompt(typed),
            negativePrompt: joined([negativePrompt ?? "", negative], whenEmpty: negativePrompt))
    }

    private func expandedPrompt(_ typed: String) -> String {
        let subject = trimmed(typed)
        guard let slot = prompt.firstRange(of: Self.slot) else {
            return joined([subject, prompt], whenEmpty: nil) ?? ""
        }
        guard !subject.isEmpty else {
            // Without a subject the words around the slot are kept, its separators are not.
            let before = trimmed(String(prompt[..<slot.lowerBound]), and: ",")
            let after = trimmed(String(prompt[slot.upperBound...]), and: ",")
            return joined([before, after], whenEmpty: nil) ?? ""
        }
        // Only the template's own slot is replaced: the typed prompt may contain braces.
        return String(prompt[..<slot.lowerBound]) + subject + String(prompt[slot.upperBound...])
    }

    private func joined(_ parts: [String], whenEmpty: String?) -> String? {
        let filled = parts.map { trimmed($0) }.filter { !$0.isEmpty }
        return filled.isEmpty ? whenEmpty : filled.joined(separator: ", ")
    }

    private func trimmed(_ text: String, and extra: Character? = nil) -> String {
        let isRemoved = { (character: Character) in character.isWhitespace || character == extra }
        let start = text.drop(while: isRemoved)
        var end = start
        while let last = end.last, isRemoved(last) { end.removeLast() }
        return String(end)
    }
}

extension String {
    /// The first place where `other` stands.
    fileprivate func firstRange(of other: String) -> Range<String.Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(other) {
                return index..<self.index(index, offsetBy: other.count)
            }
            index = self.index(after: index)
        }
        return nil
    }
}
