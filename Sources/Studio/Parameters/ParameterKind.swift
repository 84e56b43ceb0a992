import Generation

/// How a parameter is changed.
public enum ParameterKind: Hashable, Sendable {
    /// One of a list; the first value of a pair is stored, the second one is shown.
    case choice([Choice])
    case integer(ClosedRange<Int>, step: Int)
    case number(ClosedRange<Double>, step: Double)
    /// Any text: a name or a path.
    case text

    /// A value of a list.
    public struct Choice: Hashable, Sendable {
        /// Empty: the default.
        public let value: String
        public let title: String
        public let detail: String

        public init(value: String, title: String? = nil, detail: String = "") {
            self.value = value
            self.title = title ?? value
            self.detail = detail
        }
    }
}
