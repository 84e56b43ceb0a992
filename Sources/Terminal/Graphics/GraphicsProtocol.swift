/// The ways to show a picture in a terminal, as `--graphics` names them.
public enum GraphicsProtocol: String, Codable, CaseIterable, Sendable {
    /// kitty's protocol with Unicode placeholders: the picture belongs to text cells.
    case kitty
    /// kitty's protocol with a placement at the cursor, for terminals without placeholders.
    case kittyDirect = "kitty-direct"
    /// DEC sixel.
    case sixel
    /// iTerm2's inline images (OSC 1337).
    case iterm2
    /// Two pixels per cell by `▀` with 24-bit colours.
    case blocks
    /// The same with the 256-colour palette.
    case blocks256 = "blocks-256"
    /// Brightness by letters, for terminals without colours.
    case text
    /// No pictures.
    case none

    /// What this terminal shows best.
    ///
    /// Inside tmux only placeholders and tmux's own sixel stay where they belong; everywhere else
    /// the order is: a brand's own protocol where it is known to be its best, placeholders, sixel,
    /// placements, half blocks, letters.
    public static func best(for capabilities: TerminalCapabilities) -> GraphicsProtocol {
        if capabilities.supportsKittyPlaceholders { return .kitty }
        if capabilities.multiplexer == .none {
            if ["iterm2", "wezterm"].contains(capabilities.brand) { return .iterm2 }
        }
        if capabilities.supportsSixel, capabilities.multiplexer != .screen { return .sixel }
        if capabilities.multiplexer == .none, capabilities.answersKittyGraphics {
            return .kittyDirect
        }
        switch capabilities.colorDepth {
        case .trueColor: return .blocks
        case .palette256: return .blocks256
        case .sixteen, .monochrome: return .text
        }
    }

    /// Whether the picture is made of ordinary text, which survives redraws and multiplexers.
    public var isText: Bool {
        switch self {
        case .blocks, .blocks256, .text: true
        case .kitty, .kittyDirect, .sixel, .iterm2, .none: false
        }
    }
}
