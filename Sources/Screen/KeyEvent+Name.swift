extension KeyEvent {
    private static let names: [(name: String, key: Key)] = [
        ("Enter", .enter), ("Tab", .tab), ("Backspace", .backspace), ("Esc", .escape),
        ("Up", .up), ("Down", .down), ("Left", .left), ("Right", .right), ("Home", .home),
        ("End", .end), ("PageUp", .pageUp), ("PageDown", .pageDown), ("Insert", .insert),
        ("Delete", .delete), ("Space", .character(" ")),
    ]

    /// The name in help texts and in the configuration: `Ctrl-P`, `Alt-Enter`, `F1`, `?`.
    public var name: String {
        var prefix = ""
        if modifiers.contains(.control) { prefix += "Ctrl-" }
        if modifiers.contains(.alt) { prefix += "Alt-" }
        if modifiers.contains(.shift) { prefix += "Shift-" }
        return prefix + keyName
    }

    private var keyName: String {
        if let known = Self.names.first(where: { $0.key == key }) { return known.name }
        switch key {
        case .function(let number): return "F\(number)"
        case .character(let character):
            return modifiers.contains(.control) ? character.uppercased() : String(character)
        default: return ""
        }
    }

    /// Reads a name as ``name`` writes it; upper and lower case of modifiers and named keys are
    /// the same. Nil when there is no such key.
    public init?(name: String) {
        var rest = Substring(name)
        var modifiers: Modifiers = []
        let prefixes: [(String, Modifiers)] = [
            ("ctrl-", .control), ("alt-", .alt), ("shift-", .shift),
        ]
        while let (text, modifier) = prefixes.first(where: {
            rest.count > $0.0.count && rest.lowercased().hasPrefix($0.0)
        }) {
            modifiers.insert(modifier)
            rest = rest.dropFirst(text.count)
        }
        guard let key = Self.key(named: rest, isControl: modifiers.contains(.control)) else {
            return nil
        }
        self.init(key, modifiers)
    }

    private static func key(named name: Substring, isControl: Bool) -> Key? {
        let wanted = name.lowercased()
        if let known = names.first(where: { $0.name.lowercased() == wanted }) { return known.key }
        if wanted.hasPrefix("f"), let number = Int(wanted.dropFirst()), (1...12).contains(number) {
            return .function(number)
        }
        guard name.count == 1, let character = name.first else { return nil }
        return .character(isControl ? Character(character.lowercased()) : character)
    }
}
