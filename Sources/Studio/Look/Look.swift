import Screen

/// A theme as views use it: a style per role.
public struct Look: Hashable, Sendable {
    /// The theme's name.
    public let name: String
    private let styles: [Role: Style]

    /// A look from styles; a role without one follows the default look.
    public init(name: String = "default", styles: [Role: Style] = Look.standard) {
        self.name = name
        self.styles = styles
    }

    /// The style of a role.
    public subscript(role: Role) -> Style {
        styles[role] ?? Look.standard[role] ?? styles[.text] ?? Style()
    }

    /// Colours of the terminal's own theme; used until another theme is chosen.
    public static let standard: [Role: Style] = {
        func color(_ index: UInt8, _ attributes: Style.Attributes = []) -> Style {
            Style(foreground: .indexed(index), attributes: attributes)
        }
        return [
            .text: Style(), .dimmed: color(8), .heading: Style(attributes: .bold),
            .border: color(8), .borderFocused: color(6), .title: color(7),
            .titleFocused: color(6, .bold), .selection: Style(attributes: .reverse),
            .selectionUnfocused: Style(attributes: .bold),
            .selectedText: Style(attributes: .reverse),
            .label: color(7), .value: Style(attributes: .bold), .valueDefault: Style(),
            .key: color(6, .bold), .keyLabel: color(7), .statusBar: Style(),
            .success: color(2), .warning: color(3), .problem: color(1, .bold),
            .progress: color(6), .progressRest: color(8), .popup: Style(), .popupBorder: color(6),
            .match: color(3, .bold), .star: color(3), .promptWeight: color(3),
            .promptBracket: color(8), .promptLoRA: color(5), .promptWildcard: color(2),
            .promptKeyword: color(4, .bold), .promptComment: color(8),
            .promptError: color(1, .underline), .promptBoundary: color(3, .underline),
            .added: color(2), .removed: color(1),
        ]
    }()
}
