/// Which messages of a websocket are worth waking somebody for, and how often.
///
/// A message that is handed on takes those with it that were held back before it: the order of what
/// is handed on is that in which it came.
public struct MessageRules: Hashable, Sendable {
    /// What becomes of a message.
    public enum Rule: Hashable, Sendable {
        /// It is handed on at once.
        case each
        /// It is thrown away as it comes.
        case never
        /// Of its kind one in so long a time is handed on, the newest; the others are thrown away.
        case newest(every: Duration)
    }

    /// Of texts, by the word in `{"type": "word"` where a text begins with it; others are handed on.
    public var texts: [String: Rule] = [:]
    public var binary = Rule.each
    /// Time between two looks at what has come: a server that says much is heard in one go, and one
    /// that says too much has to wait.
    public var pause = Duration.zero

    /// Everything is handed on.
    public init() {}
}
