/// A key as a terminal reports it.
public struct KeyEvent: Hashable, Sendable {
    /// Keys that exist in plain terminals.
    public enum Key: Hashable, Sendable {
        /// A typed character; with ``Modifiers/control`` always in lower case.
        case character(Character)
        case enter, tab, backspace, escape
        case up, down, left, right
        case home, end, pageUp, pageDown, insert, delete
        /// F1 to F12.
        case function(Int)
    }

    /// Modifiers that were held, as far as the terminal tells. Shift is not reported for
    /// characters: it is in the character.
    public struct Modifiers: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let shift = Modifiers(rawValue: 1)
        public static let alt = Modifiers(rawValue: 2)
        public static let control = Modifiers(rawValue: 4)
    }

    public var key: Key
    public var modifiers: Modifiers

    public init(_ key: Key, _ modifiers: Modifiers = []) {
        self.key = key
        self.modifiers = modifiers
    }

    /// A character without modifiers.
    public init(_ character: Character) {
        self.init(.character(character))
    }
}
