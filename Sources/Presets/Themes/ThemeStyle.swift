/// Colours and attributes of one role.
public struct ThemeStyle: Hashable, Sendable {
    /// How glyphs are drawn besides their colour.
    public struct Attributes: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8

        /// A set from its bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let bold = Attributes(rawValue: 1)
        public static let dim = Attributes(rawValue: 2)
        public static let italic = Attributes(rawValue: 4)
        public static let underline = Attributes(rawValue: 8)
        public static let reverse = Attributes(rawValue: 16)

        /// The attribute's key in a theme file.
        static let byName: [String: Attributes] = [
            "bold": .bold, "dim": .dim, "italic": .italic, "underline": .underline,
            "reverse": .reverse,
        ]
    }

    /// Colour of the glyphs.
    public var foreground: ThemeColor
    /// Colour behind them.
    public var background: ThemeColor
    /// Bold, dim and so on.
    public var attributes: Attributes
    /// Colours for sixteen-colour terminals, where the nearest ones would not do.
    public var foreground16: ThemeColor?
    public var background16: ThemeColor?

    /// A style; by default the terminal's own colours.
    public init(
        foreground: ThemeColor = .standard, background: ThemeColor = .standard,
        attributes: Attributes = []
    ) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    /// The style as a terminal with so many colours shows it: only colours that it has.
    public func resolved(for depth: ColorDepth) -> ThemeStyle {
        var front = foreground
        var back = background
        if depth == .indexed16 {
            front = foreground16 ?? front
            back = background16 ?? back
        }
        var style = ThemeStyle(
            foreground: front.reduced(to: depth), background: back.reduced(to: depth),
            attributes: attributes)
        // Reduced colours can become the same; the text must stay readable.
        if style.foreground == style.background, style.foreground != .standard {
            style.foreground = .standard
            style.background = .standard
            style.attributes.insert(.reverse)
        }
        return style
    }
}
