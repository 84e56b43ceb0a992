import Screen

/// How the terminal is driven; found out by a probe before curses starts.
public struct CursesOptions: Hashable, Sendable {
    /// The `TERM` of the environment.
    public var term: String
    /// Whether the terminal is known to show true colour.
    public var showsTrueColor: Bool
    /// The most colours that may be used (`NO_COLOR` allows none).
    public var maximumDepth: ColorDepth
    /// Whether a frame is wrapped in synchronized output (mode 2026).
    public var synchronizesOutput: Bool
    /// Size of a cell in pixels as the terminal answered; nil: what the kernel knows.
    public var cellPixels: Size?
    /// Bytes that were typed while the terminal was asked.
    public var typed: [UInt8] = []
    /// Milliseconds after which a lone Esc is a key.
    public var escapeDelay: Int

    /// Options for a terminal about which only its name is known.
    public init(
        term: String, showsTrueColor: Bool = false, maximumDepth: ColorDepth = .trueColor,
        synchronizesOutput: Bool = false, cellPixels: Size? = nil, escapeDelay: Int = 30
    ) {
        self.term = term
        self.showsTrueColor = showsTrueColor
        self.maximumDepth = maximumDepth
        self.synchronizesOutput = synchronizesOutput
        self.cellPixels = cellPixels
        self.escapeDelay = escapeDelay
    }

    /// Terminfo entries to try, best first: with direct colour where that is wanted and known.
    var entries: [String] {
        let base = term.split(separator: "-").first.map(String.init) ?? term
        var names: [String] = []
        if showsTrueColor, maximumDepth == .trueColor {
            let family = base == "xterm" && term.contains("kitty") ? "kitty" : base
            names += ["\(family)-direct", "xterm-direct"]
        }
        return names + [term]
    }
}
