/// A colour as a theme states it.
public enum ThemeColor: Hashable, Sendable {
    /// The terminal's own foreground or background.
    case standard
    /// An entry of the terminal's palette: 0...15 the named colours, 16...255 the fixed ones.
    case indexed(UInt8)
    /// 24-bit colour.
    case rgb(UInt8, UInt8, UInt8)

    /// Names of the first sixteen entries of a terminal's palette, in order.
    public static let names = [
        "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
        "bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue",
        "bright-magenta", "bright-cyan", "bright-white",
    ]

    /// Reads `#rrggbb`, `default`, one of ``names`` or a number 0...255 in text.
    public init?(_ text: String) {
        if text == "default" {
            self = .standard
        } else if let index = Self.names.firstIndex(of: text) {
            self = .indexed(UInt8(index))
        } else if let index = UInt8(text) {
            self = .indexed(index)
        } else if text.hasPrefix("#"), text.utf8.count == 7, !text.contains("+"),
            let value = UInt32(text.dropFirst(), radix: 16)
        {
            self = .rgb(
                UInt8(value >> 16), UInt8(truncatingIfNeeded: value >> 8),
                UInt8(truncatingIfNeeded: value))
        } else {
            return nil
        }
    }

    /// How bright the colour is, 0...255; nil for the terminal's own.
    var brightness: Int? {
        let parts: [UInt8]
        switch self {
        case .standard: return nil
        case .indexed(let index): parts = TerminalPalette.components(of: index)
        case .rgb(let red, let green, let blue): parts = [red, green, blue]
        }
        return (3 * Int(parts[0]) + 6 * Int(parts[1]) + Int(parts[2])) / 10
    }

    /// The colour on a terminal with fewer colours: the nearest entry of its palette, nothing on a
    /// terminal without colours.
    public func reduced(to depth: ColorDepth) -> ThemeColor {
        switch (self, depth) {
        case (.standard, _), (_, .monochrome): .standard
        case (_, .trueColor), (.indexed(0..<16), _), (.indexed, .indexed256): self
        case (.indexed(let index), .indexed16):
            TerminalPalette.nearest16(to: TerminalPalette.components(of: index))
        case (.rgb(let red, let green, let blue), .indexed16):
            TerminalPalette.nearest16(to: [red, green, blue])
        case (.rgb(let red, let green, let blue), .indexed256):
            TerminalPalette.nearest256(to: [red, green, blue])
        }
    }
}

/// How many colours a terminal shows.
public enum ColorDepth: String, Hashable, Sendable, CaseIterable {
    /// None: `NO_COLOR`, or a terminal without any. Attributes still show.
    case monochrome
    /// The sixteen named ones, whose exact look the terminal's owner chose.
    case indexed16
    /// The sixteen, a cube of 216 and 24 greys.
    case indexed256
    /// 24 bits.
    case trueColor
}
