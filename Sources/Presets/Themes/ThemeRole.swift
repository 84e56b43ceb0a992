/// What a piece of the screen means; a theme says how each looks.
public enum ThemeRole: String, Hashable, Sendable, CaseIterable {
    case text = "text"
    case textDimmed = "text.dimmed"
    case textHeading = "text.heading"
    case textSelected = "text.selected"
    case border = "border"
    case borderFocused = "border.focused"
    case title = "title"
    case titleFocused = "title.focused"
    case selection = "selection"
    case selectionUnfocused = "selection.unfocused"
    case label = "label"
    case value = "value"
    case valueDefault = "value.default"
    case key = "key"
    case keyLabel = "key.label"
    case status = "status"
    case statusSuccess = "status.success"
    case statusWarning = "status.warning"
    case statusProblem = "status.problem"
    case progress = "progress"
    case progressRest = "progress.rest"
    case popup = "popup"
    case popupBorder = "popup.border"
    case match = "match"
    case star = "star"
    case promptWeight = "prompt.weight"
    case promptBracket = "prompt.bracket"
    case promptLoRA = "prompt.lora"
    case promptWildcard = "prompt.wildcard"
    case promptKeyword = "prompt.keyword"
    case promptComment = "prompt.comment"
    case promptError = "prompt.error"
    case promptUnknown = "prompt.unknown"
    case promptBoundary = "prompt.boundary"
    case diffAdded = "diff.added"
    case diffRemoved = "diff.removed"

    /// The role whose look a theme's silence means: `border.focused` follows `border`, everything
    /// follows `text` in the end.
    public var fallback: ThemeRole? {
        if self == .text { return nil }
        let parent = rawValue.split(separator: ".").dropLast().joined(separator: ".")
        return ThemeRole(rawValue: parent) ?? .text
    }
}
