/// Prompts with choices: `{a|b|c}`, `{2$$a|b|c}`, `{0.5::a|b}`, wildcards `__name__` and variables
/// `${name=value}`, expanded with a seed.
///
/// - `{a|b}` takes one, `{2$$a|b|c}` two different ones joined with ", ", `{1-3$$ and $$a|b|c}` one to
///   three joined with " and ". `0.5::` before an option is its weight (1 unless given).
/// - `__name__` takes one line of a wildcard list, which may hold choices and wildcards itself.
/// - `${name=value}` names a text; `${name}` stands for it, expanded anew at each place; with
///   `${name=!value}` it is expanded once. `${name:other}` uses `other` when there is no such variable.
/// - A backslash keeps `{`, `}`, `|`, `$` and `_` as text, and stays where the next parser needs it.
///
/// The same template, seed and lists give the same text on every machine. Each choice draws from a
/// generator of its own, so that one can be drawn again while the others stay.
public struct DynamicPrompt: Sendable {
    /// Looks up the lines of a wildcard by name; nil when there is none.
    public typealias Wildcards = @Sendable (String) -> [String]?

    /// A draw that an expansion made.
    public struct Choice: Hashable, Sendable, Codable {
        /// Names the place, also inside nested texts; the same in every expansion of a template that
        /// leads there.
        public var id: String
        /// What was drawn from: the braces' text or the wildcard's name.
        public var source: String
        /// The options that were taken, by index.
        public var picks: [Int]
        /// How many options there were.
        public var optionCount: Int
    }

    /// A template with its choices made; both are to be kept.
    public struct Expansion: Hashable, Sendable, Codable {
        /// What was typed.
        public var template: String
        /// The seed of the choices.
        public var seed: UInt64
        /// What the encoders are to read.
        public var text: String
        /// The draws in the order in which they were made.
        public var choices: [Choice]
        /// How often each choice was drawn again.
        public var rerolls: [String: Int]
    }

    private let wildcards: Wildcards

    /// - Parameter wildcards: must give the same lines again for an expansion to be repeatable.
    public init(wildcards: @escaping Wildcards = { _ in nil }) {
        self.wildcards = wildcards
    }

    /// Whether a text has anything to expand.
    public static func isDynamic(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "{"): return true
            case UInt8(ascii: "_") where WildcardName.end(in: bytes, at: index) != nil: return true
            default: break
            }
        }
        return false
    }

    /// Expands a template.
    ///
    /// - Parameters:
    ///   - seed: of all choices.
    ///   - rerolls: how often each choice, by id, is drawn again.
    /// - Throws: ``DynamicPromptError``.
    public func expand(
        _ template: String, seed: UInt64, rerolls: [String: Int] = [:]
    ) throws(DynamicPromptError) -> Expansion {
        var expander = DynamicExpander(seed: seed, rerolls: rerolls, wildcards: wildcards)
        let text = try expander.expand(template)
        return Expansion(
            template: template, seed: seed, text: text, choices: expander.choices,
            rerolls: rerolls)
    }

    /// The same expansion with one choice drawn again; draws until it differs, if it can.
    ///
    /// - Throws: ``DynamicPromptError``.
    public func reroll(
        _ expansion: Expansion, choice id: String
    ) throws(DynamicPromptError) -> Expansion {
        let before = expansion.choices.first { $0.id == id }
        var result = expansion
        for _ in 0..<64 {
            var rerolls = result.rerolls
            rerolls[id, default: 0] += 1
            result = try expand(expansion.template, seed: expansion.seed, rerolls: rerolls)
            if result.choices.first(where: { $0.id == id })?.picks != before?.picks { break }
        }
        return result
    }
}

/// Why a template could not be expanded.
public enum DynamicPromptError: Error, Hashable, CustomStringConvertible {
    /// A wildcard leads back to itself; the names in order.
    case cycle([String])
    /// No list of that name.
    case unknownWildcard(String)
    /// A list without lines.
    case emptyWildcard(String)
    /// A variable whose value uses itself.
    case recursiveVariable(String)
    /// Braces or wildcards nested deeper than the limit.
    case tooDeep
    /// More text or more choices than a prompt can need.
    case tooLarge

    public var description: String {
        switch self {
        case .cycle(let names):
            "the wildcards lead in a circle: "
                + names.map { "__\($0)__" }.joined(separator: " uses ")
        case .unknownWildcard(let name): "there is no wildcard list \"\(name)\""
        case .emptyWildcard(let name): "the wildcard list \"\(name)\" has no lines"
        case .recursiveVariable(let name): "the variable ${\(name)} uses itself"
        case .tooDeep: "the choices are nested too deeply"
        case .tooLarge: "the choices expand to more than a megabyte"
        }
    }
}
