import Screen

/// How many colours a terminal shows.
public enum ColorDepth: Int, Hashable, Sendable, CaseIterable, Comparable {
    /// Attributes only.
    case monochrome
    /// The eight colours of the terminal's theme; bold stands for the bright ones.
    case eight
    case sixteen
    case palette
    case trueColor

    public static func < (left: ColorDepth, right: ColorDepth) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The depth behind curses' number of colours.
    init(colors: Int) {
        switch colors {
        case ..<8: self = .monochrome
        case 8..<16: self = .eight
        case 16..<256: self = .sixteen
        case 256...65536: self = .palette
        default: self = .trueColor
        }
    }

    /// The terminal's number for a colour, -1 for its own default, and what tells it from its twin
    /// where there are eight: bold for the bright ones. Bright black is the default, dimmed: in bold
    /// many terminals show black on black.
    func index(of color: Color) -> (number: Int32, attributes: Style.Attributes) {
        switch (self, color) {
        case (_, .standard), (.monochrome, _): return (-1, [])
        case (.trueColor, .rgb(let red, let green, let blue)):
            return (Self.direct(red, green, blue), [])
        case (.trueColor, .indexed(let index)):
            if index < 8 { return (Int32(index), []) }
            let (red, green, blue) = IndexedPalette.color(index)
            return (Self.direct(red, green, blue), [])
        case (.palette, .rgb(let red, let green, let blue)):
            return (Int32(IndexedPalette.nearest(red, green, blue)), [])
        case (.palette, .indexed(let index)): return (Int32(index), [])
        case (_, .rgb(let red, let green, let blue)):
            return reduced(IndexedPalette.nearestBasic(red, green, blue))
        case (_, .indexed(let index)):
            if index < 16 { return reduced(index) }
            let (red, green, blue) = IndexedPalette.color(index)
            return reduced(IndexedPalette.nearestBasic(red, green, blue))
        }
    }

    private func reduced(_ basic: UInt8) -> (number: Int32, attributes: Style.Attributes) {
        guard self == .eight, basic >= 8 else { return (Int32(basic), []) }
        return basic == 8 ? (-1, .dim) : (Int32(basic) - 8, .bold)
    }

    /// Direct colours below 8 mean the terminal's theme: the darkest blues are lifted above them.
    private static func direct(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Int32 {
        max(8, Int32(red) << 16 | Int32(green) << 8 | Int32(blue))
    }
}
