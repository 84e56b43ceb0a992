/// A colour of a cell. A terminal that cannot show it shows the nearest that it can.
public enum Color: Hashable, Sendable {
    /// The terminal's own foreground or background.
    case standard
    /// One of the 256 indexed colours; 0 to 15 are those that the user's terminal theme defines.
    case indexed(UInt8)
    /// True colour.
    case rgb(UInt8, UInt8, UInt8)
}
