import Screen

extension Keymap {
    /// The default keys with those of a configuration in place of an action's own.
    ///
    /// A letter without Ctrl or Alt means its action only where letters are not typed.
    ///
    /// - Parameter configured: names of keys by the raw value of ``ActionID``; an empty list takes
    ///   all keys from an action.
    /// - Throws: ``KeymapError`` with every unknown action, unknown key and contradiction.
    public init(configured: [String: [String]]) throws(KeymapError) {
        var changes: [ActionID: [KeyEvent]] = [:]
        var problems: [String] = []
        for (name, keys) in configured.sorted(by: { $0.key < $1.key }) {
            guard let id = ActionID(rawValue: name) else {
                problems.append("keys.\(name): there is no such action\(Self.suggestion(name))")
                continue
            }
            var events: [KeyEvent] = []
            for key in keys {
                if let event = KeyEvent(name: key), event.isReported {
                    events.append(event)
                } else {
                    problems.append("keys.\(name): \"\(key)\" is no key that a terminal reports")
                }
            }
            changes[id] = events
        }
        problems += Self.contradictions(changes)
        guard problems.isEmpty else { throw KeymapError(problems: problems) }
        self.init(changes: changes)
    }

    /// Keys that would be typed instead, and keys that two actions ask for.
    private static func contradictions(_ changes: [ActionID: [KeyEvent]]) -> [String] {
        var problems: [String] = []
        var owners: [Action.Binding: ActionID] = [:]
        for (id, keys) in changes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            for key in keys {
                let bindings = bindings(of: id, key)
                if bindings.isEmpty {
                    problems.append(
                        "keys.\(id.rawValue): \"\(key.name)\" is typed in the editors; "
                            + "a key with Ctrl or Alt, or a function key is needed")
                }
                let other = bindings.lazy.compactMap { owners[$0] }.first { $0 != id }
                if let other {
                    problems.append(
                        "keys.\(id.rawValue): \"\(key.name)\" is also the key of \(other.rawValue)")
                }
                for binding in bindings { owners[binding] = id }
            }
        }
        return problems
    }

    /// A name that differs in case or contains what was written.
    private static func suggestion(_ name: String) -> String {
        let wanted = name.lowercased()
        guard wanted.count > 2 else { return "" }
        let similar = ActionID.allCases.filter { id in
            let known = id.rawValue.lowercased()
            return known.contains(wanted) || wanted.contains(known)
        }
        guard !similar.isEmpty, similar.count <= 6 else { return "" }
        return "; similar: " + similar.map(\.rawValue).joined(separator: ", ")
    }
}

extension KeyEvent {
    /// Whether a terminal can report the key: Shift is part of a character, not beside it.
    fileprivate var isReported: Bool {
        guard case .character = key else { return true }
        return !modifiers.contains(.shift)
    }
}
