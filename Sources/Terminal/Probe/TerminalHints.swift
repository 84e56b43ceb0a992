/// What environment variables add. They are hints: answers of the terminal come first.
enum TerminalHints {
    /// Terminals that are known to show 24-bit colours.
    private static let trueColorBrands: Set<String> = [
        "kitty", "foot", "ghostty", "wezterm", "iterm2", "konsole", "mintty", "contour", "mlterm",
        "xterm", "tmux", "alacritty", "rio", "vte",
    ]

    /// Before asking: who sits between, and colours from the terminal's type.
    static func apply(environment: [String: String], to known: inout TerminalCapabilities) {
        let term = environment["TERM"] ?? ""
        if environment["TMUX"]?.isEmpty == false || term.hasPrefix("tmux") {
            known.multiplexer = .tmux
        } else if environment["STY"]?.isEmpty == false || term.hasPrefix("screen") {
            known.multiplexer = .screen
        }
        known.colorDepth = colorDepth(term: term, colorTerm: environment["COLORTERM"] ?? "")
    }

    /// After asking: a terminal that named itself may be known to show more colours than its type
    /// says, and `NO_COLOR` has the last word.
    static func refine(environment: [String: String], _ known: inout TerminalCapabilities) {
        if known.colorDepth == .palette256, trueColorBrands.contains(known.brand) {
            known.colorDepth = .trueColor
        }
        if environment["NO_COLOR"]?.isEmpty == false { known.colorDepth = .monochrome }
    }

    private static func colorDepth(
        term: String, colorTerm: String
    ) -> TerminalCapabilities.ColorDepth {
        if term.isEmpty || term == "dumb" || term.hasPrefix("vt") { return .monochrome }
        if colorTerm == "truecolor" || colorTerm == "24bit" || term.contains("direct") {
            return .trueColor
        }
        if term == "linux" || term == "screen" || term == "xterm-color" || term == "ansi"
            || term == "xterm-16color"
        {
            return .sixteen
        }
        return term.contains("256color") || term.hasPrefix("xterm") ? .palette256 : .sixteen
    }
}
