/// What the terminal said about itself, plus what the kernel and hints add where it was silent.
public struct TerminalCapabilities: Codable, Hashable, Sendable {
    /// A program between us and the terminal that is looked at.
    public enum Multiplexer: String, Codable, Sendable {
        case none, tmux, screen
    }

    /// How many colours text can have.
    public enum ColorDepth: String, Codable, CaseIterable, Sendable {
        case monochrome, sixteen, palette256, trueColor
    }

    /// A size in pixels or cells.
    public struct Size: Codable, Hashable, Sendable {
        public var width: Int
        public var height: Int

        /// A size; both at least 1 in every size that a probe reports.
        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// A colour, 0...255 each.
    public struct Color: Codable, Hashable, Sendable {
        public var red: UInt8
        public var green: UInt8
        public var blue: UInt8

        /// A colour by its parts.
        public init(red: UInt8, green: UInt8, blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }
    }

    /// Whether the terminal answered the last query (DA1) before the time was over.
    public var answered = false
    /// DA1's attributes; empty when it did not answer.
    public var deviceAttributes: [Int] = []
    /// XTVERSION's text, such as `XTerm(379)`; nil when silent.
    public var version: String?
    /// Whether the kitty graphics query was answered with OK.
    public var answersKittyGraphics = false
    /// The same, asked through tmux's passthrough.
    public var answersKittyGraphicsThroughPassthrough = false
    /// Sixel colour registers by XTSMGRAPHICS; nil when silent.
    public var sixelRegisters: Int?
    /// Largest sixel in pixels by XTSMGRAPHICS; nil when silent.
    public var sixelGeometry: Size?
    /// Pixels of one cell; nil when nobody knows.
    public var cellPixels: Size?
    /// Columns and rows; nil when nobody knows.
    public var cells: Size?
    /// The background colour; nil when silent.
    public var background: Color?
    /// Whether mode 2026 (synchronised output) is known to the terminal.
    public var supportsSynchronizedOutput = false
    /// Who sits between.
    public var multiplexer = Multiplexer.none
    /// Colours of text.
    public var colorDepth = ColorDepth.palette256

    /// A terminal that said nothing.
    public init() {}

    /// Whether DA1 lists sixel (attribute 4).
    public var supportsSixel: Bool { deviceAttributes.contains(4) }

    /// The cell that is assumed where none is known: 10x20 pixels.
    public static let assumedCell = Size(width: 10, height: 20)

    /// ``cellPixels``, or the assumption.
    public var cell: Size { cellPixels ?? Self.assumedCell }

    /// The terminal's name in lower case out of ``version``: `kitty`, `xterm`, `ghostty`, `wezterm`.
    public var brand: String {
        String((version ?? "").lowercased().prefix { $0.isLetter || $0.isNumber })
    }

    /// The numbers of the version out of ``version``: `kitty(0.26.5)` gives [0, 26, 5].
    public var versionNumbers: [Int] {
        let text = (version ?? "").drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }
        return text.split(separator: ".").compactMap { Int($0) }
    }

    /// Whether the terminal shows pictures at Unicode placeholders (U+10EEEE): kitty since 0.28 and
    /// Ghostty. Others answer the kitty query but draw only by plain placement.
    public var supportsKittyPlaceholders: Bool {
        guard answersKittyGraphics || answersKittyGraphicsThroughPassthrough else { return false }
        switch brand {
        case "kitty": return !versionNumbers.lexicographicallyPrecedes([0, 28])
        case "ghostty": return true
        // Inside tmux nothing but placeholders stays in place, and the outer name is not known.
        case "tmux": return answersKittyGraphicsThroughPassthrough
        default: return false
        }
    }
}
