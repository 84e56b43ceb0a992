import Presets
import Screen

/// A theme as views use it: a style per role, for the colours that the terminal has.
public struct Look: Hashable, Sendable {
    /// The theme's name.
    public let name: String
    private let styles: [ThemeRole: Style]

    /// The look of a theme; by default the terminal's own sixteen colours.
    public init(_ theme: Theme = .builtIn, depth: ColorDepth = .indexed16) {
        name = theme.name
        styles = theme.resolved(for: depth).mapValues { Style($0) }
    }

    /// The style of a role.
    public subscript(role: ThemeRole) -> Style { styles[role] ?? Style() }
}

extension Style {
    /// A theme's style.
    fileprivate init(_ style: ThemeStyle) {
        self.init(
            foreground: Color(style.foreground), background: Color(style.background),
            attributes: Attributes(rawValue: style.attributes.rawValue))
    }
}

extension Color {
    /// A theme's colour.
    fileprivate init(_ color: ThemeColor) {
        switch color {
        case .standard: self = .standard
        case .indexed(let index): self = .indexed(index)
        case .rgb(let red, let green, let blue): self = .rgb(red, green, blue)
        }
    }
}
