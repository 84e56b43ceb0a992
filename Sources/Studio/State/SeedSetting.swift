/// Which seeds the next run gets.
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
    /// The first seed of the next run unless it is random.
    public var value: UInt64
    /// The seeds of a run one by one, where they are not counted up from ``value``; they hold while
    /// the first of them and their number are what is wanted.
    public private(set) var list: [UInt64] = []

    public init(mode: Mode = .random, value: UInt64 = 0) {
        self.mode = mode
        self.value = value
    }

    /// Exactly these seeds; none: random ones.
    public init(exactly seeds: [UInt64]) {
        self.init(mode: seeds.isEmpty ? .random : .fixed, value: seeds.first ?? 0)
        if seeds != counted(seeds.count) { list = seeds }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mode = try container.decode(Mode.self, forKey: .mode)
        value = try container.decode(UInt64.self, forKey: .value)
        list = try container.decodeIfPresent([UInt64].self, forKey: .list) ?? []
    }

    /// The seeds of a run of so many pictures, as long as they are not random.
    public func seeds(count: Int) -> [UInt64] {
        isList(of: count) ? list : counted(max(1, count))
    }

    /// Whether the seeds of so many pictures are ``list``.
    public func isList(of count: Int) -> Bool {
        mode == .fixed && !list.isEmpty && list.count == count && list[0] == value
    }

    private func counted(_ count: Int) -> [UInt64] {
        (0..<UInt64(count)).map { value &+ $0 }
    }
}
