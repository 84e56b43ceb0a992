/// Which seed the next run gets.
public struct SeedSetting: Hashable, Sendable, Codable {
    /// How the seed changes from run to run.
    public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        /// A new one each time.
        case random
        /// Always the same.
        case fixed
        /// The same, then one higher after each run.
        case increment
    }

    public var mode: Mode
    /// The seed of the next run unless it is random.
    public var value: UInt64

    public init(mode: Mode = .random, value: UInt64 = 0) {
        self.mode = mode
        self.value = value
    }
}
