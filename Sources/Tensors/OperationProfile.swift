/// Time and arithmetic per kind of operation.
public struct OperationProfile: Sendable {
    /// The totals of one kind.
    public struct Entry: Sendable, Equatable {
        /// Wall-clock seconds.
        public var seconds = 0.0
        /// Multiplications and additions.
        public var operations = 0.0
        /// How many operations ran.
        public var calls = 0
    }

    public private(set) var entries: [OperationKind: Entry] = [:]

    /// Multiplications and additions of all kinds.
    public var operations: Double { entries.values.reduce(0) { $0 + $1.operations } }

    public init() {}

    mutating func add(_ kind: OperationKind, seconds: Double, operations: Double) {
        entries[kind, default: Entry()].seconds += seconds
        entries[kind, default: Entry()].operations += operations
        entries[kind, default: Entry()].calls += 1
    }
}
