import Generation

/// What `--seed` and `--count` ask for together.
struct SeedChoice: Equatable {
    /// Most pictures of one command.
    static let maximumCount = 10_000

    private enum First: Equatable {
        case random
        case seed(UInt64)
        case list([UInt64])
    }

    private var first = First.random
    private var count = 1

    /// Reads both options.
    ///
    /// - Parameter recorded: the seeds of a request that was read from a file; they hold unless
    ///   an option says otherwise.
    init(seed: String?, count: String?, recorded: [UInt64], _ reader: inout ArgumentReader) {
        if let seed {
            first = Self.read(seed, &reader)
        } else if !recorded.isEmpty {
            first = count == nil ? .list(recorded) : .seed(recorded[0])
        }
        guard let number = reader.integer("--count", count, in: 1...Self.maximumCount) else {
            return
        }
        self.count = number
        if case .seed(let seed) = first, seed > UInt64.max - UInt64(number - 1) {
            reader.problems.add(
                "--count", String(number), "seeds from \(seed) on would pass \(UInt64.max)")
        }
        if case .list(let seeds) = first, seeds.count != number {
            reader.problems.add(
                "--count", String(number),
                "\(seeds.count) seeds are given; one picture is made of each")
        }
    }

    /// The seeds, one per picture; a random one is drawn once.
    func seeds(drawSeed: () -> UInt64) -> [UInt64] {
        switch first {
        case .list(let seeds): return seeds
        case .seed(let seed): return Self.run(from: seed, count: count)
        case .random: return Self.run(from: drawSeed(), count: count)
        }
    }

    private static func run(from seed: UInt64, count: Int) -> [UInt64] {
        (0..<count).map { seed &+ UInt64($0) }
    }

    private static func read(_ text: String, _ reader: inout ArgumentReader) -> First {
        if text.lowercased() == "random" { return .random }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let seeds = parts.compactMap { UInt64($0.trimmingSpaces) }
        guard seeds.count == parts.count, seeds.count <= maximumCount else {
            reader.problems.add(
                "--seed", text,
                "whole numbers from 0 to \(UInt64.max), separated by commas, or random are needed")
            return .random
        }
        return seeds.count == 1 ? .seed(seeds[0]) : .list(seeds)
    }
}

extension Substring {
    /// Without spaces at both ends.
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
