/// How the studio looks: a style for each role.
///
/// Read from `themes/*.json5` by ``ThemeLibrary``. Roles that a file leaves out follow their
/// ``ThemeRole/fallback``.
public struct Theme: Hashable, Sendable {
    /// What the person types; the file's name without ending.
    public var name: String
    /// One line about it.
    public var summary: String
    /// Whether it is made for dark backgrounds; nil when it suits both.
    public var isDark: Bool?
    /// What the file says.
    public var styles: [ThemeRole: ThemeStyle]

    /// A theme from styles.
    public init(
        name: String, summary: String = "", isDark: Bool? = nil,
        styles: [ThemeRole: ThemeStyle] = [:]
    ) {
        self.name = name
        self.summary = summary
        self.isDark = isDark
        self.styles = styles
    }

    /// The style of a role in full colour.
    public subscript(role: ThemeRole) -> ThemeStyle {
        var candidate: ThemeRole? = role
        while let current = candidate {
            if let style = styles[current] { return style }
            candidate = current.fallback
        }
        return ThemeStyle()
    }

    /// The style of every role as a terminal with so many colours shows it. Without colours, areas
    /// that the theme fills are reversed.
    public func resolved(for depth: ColorDepth) -> [ThemeRole: ThemeStyle] {
        let ground = self[.text].background.brightness ?? (isDark == false ? 255 : 0)
        var result: [ThemeRole: ThemeStyle] = [:]
        for role in ThemeRole.allCases {
            let style = self[role]
            result[role] = style.resolved(for: depth)
            if depth == .monochrome, let filled = style.background.brightness,
                abs(filled - ground) > 60
            {
                result[role]?.attributes.insert(.reverse)
            }
        }
        return result
    }

    /// Used when no theme file can be read: the terminal's own sixteen colours.
    public static let builtIn = Theme(
        name: "built-in", summary: "The terminal's own colours.",
        styles: [
            .text: ThemeStyle(),
            .textDimmed: ThemeStyle(foreground: .indexed(8)),
            .border: ThemeStyle(foreground: .indexed(8)),
            .borderFocused: ThemeStyle(foreground: .indexed(6)),
            .titleFocused: ThemeStyle(foreground: .indexed(6), attributes: .bold),
            .selection: ThemeStyle(attributes: .reverse),
            .textSelected: ThemeStyle(attributes: .reverse),
            .value: ThemeStyle(attributes: .bold),
            .valueDefault: ThemeStyle(),
            .key: ThemeStyle(foreground: .indexed(6), attributes: .bold),
            .keyLabel: ThemeStyle(),
            .statusWarning: ThemeStyle(foreground: .indexed(3)),
            .statusProblem: ThemeStyle(foreground: .indexed(1), attributes: .bold),
            .progress: ThemeStyle(foreground: .indexed(6)),
            .promptWeight: ThemeStyle(foreground: .indexed(3)),
            .promptLoRA: ThemeStyle(foreground: .indexed(5)),
            .promptWildcard: ThemeStyle(foreground: .indexed(2)),
            .promptKeyword: ThemeStyle(foreground: .indexed(4), attributes: .bold),
            .promptError: ThemeStyle(foreground: .indexed(1), attributes: .underline),
            .promptUnknown: ThemeStyle(foreground: .indexed(8)),
            .promptBoundary: ThemeStyle(attributes: .underline),
            .diffAdded: ThemeStyle(foreground: .indexed(2)),
            .diffRemoved: ThemeStyle(foreground: .indexed(1)),
        ])
}
