import Screen

/// Which key means which action.
public struct Keymap: Hashable, Sendable {
    private var actions: [Action.Binding: ActionID] = [:]
    private var keys: [ActionID: [Action.Binding]] = [:]

    /// The default keys, with those of `changes` in place of an action's own. An empty list takes
    /// all keys from an action.
    public init(changes: [ActionID: [KeyEvent]] = [:]) {
        for action in Action.all {
            var bindings = action.bindings
            if let wanted = changes[action.id] {
                bindings = wanted.flatMap { Self.bindings(of: action.id, $0) }
            }
            keys[action.id] = bindings
        }
        // Changed keys win over default ones.
        for action in Action.all where changes[action.id] == nil { bind(action.id) }
        for action in Action.all where changes[action.id] != nil { bind(action.id) }
    }

    /// The bindings of a key in the scopes of an action. A typed character counts only where no
    /// text is typed.
    static func bindings(of id: ActionID, _ key: KeyEvent) -> [Action.Binding] {
        let scopes = (Action.named(id)?.bindings ?? []).map(\.scope)
        guard key.isTyped else { return scopes.unique.map { Action.Binding($0, key) } }
        return scopes.map { $0 == .everywhere ? .command : $0 }.unique
            .filter { $0 != .editor }.map { Action.Binding($0, key) }
    }

    private mutating func bind(_ id: ActionID) {
        for binding in keys[id] ?? [] { actions[binding] = id }
    }

    /// The action of a key while a pane has the focus.
    ///
    /// - Parameter withCells: whether the labelled grid is what the preview shows.
    public func action(for key: KeyEvent, in pane: Pane, withCells: Bool = false) -> ActionID? {
        for scope in Scope.active(in: pane, withCells: withCells) {
            if let id = actions[Action.Binding(scope, key)] { return id }
        }
        return nil
    }

    /// The keys of an action.
    public func bindings(of id: ActionID) -> [Action.Binding] { keys[id] ?? [] }

    /// The name of the first key that means the action in a pane, the pane's own keys before those
    /// of everywhere; nil when none does.
    public func keyName(of id: ActionID, in pane: Pane, withCells: Bool = false) -> String? {
        for scope in Scope.active(in: pane, withCells: withCells) {
            let own = bindings(of: id).first {
                $0.scope == scope && action(for: $0.key, in: pane, withCells: withCells) == id
            }
            if let own { return own.key.name }
        }
        return nil
    }
}

extension Sequence where Element: Hashable {
    /// The elements without repetitions, in their order.
    fileprivate var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension KeyEvent {
    /// Whether an editor inserts it as text.
    fileprivate var isTyped: Bool {
        if case .character = key { modifiers.isEmpty } else { false }
    }
}
