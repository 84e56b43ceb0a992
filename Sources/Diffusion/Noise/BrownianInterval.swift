import Foundation

/// A Brownian path that can be asked for its increment over any interval, in any order.
///
/// This is torchsde's `BrownianInterval` as k-diffusion and diffusers use it (`halfway_tree`,
/// `tol` 1e-6, pool of 24): a dyadic tree over [start, end] whose every node draws its midpoint from
/// a seed of its own (Li et al. 2020, "Scalable gradients for SDEs").
struct BrownianInterval: Sendable {
    private static let poolSize = 24
    /// Increments kept between queries; older ones are computed again.
    private static let cacheSize = 45

    private struct Node {
        let start: Double
        let end: Double
        let parent: Int
        let isLeft: Bool
        var spawnKey: UInt64 = 0
        var depth: UInt64 = 0
        var midway: Double?
        var seed: UInt64 = 0
        var left = -1
        var right = -1
    }

    private let entropy: UInt64
    private let count: Int
    private var nodes: [Node]
    private let whole: [Float]
    private var cache: [Int: [Float]] = [:]
    private var cacheOrder: [Int] = []

    /// - Parameters:
    ///   - start: first time; at most `end`.
    ///   - end: last time.
    ///   - count: elements of one value of the path.
    ///   - seed: names the path.
    init(start: Double, end: Double, count: Int, seed: UInt64) {
        entropy = seed
        self.count = count
        nodes = [Node(start: rounded(start), end: rounded(end), parent: -1, isLeft: false)]
        let words = SeedSequence(entropy: seed, poolSize: Self.poolSize).state(count: 1)
        var noise = TorchNoise(seed: UInt64(words[0]))
        let deviation = Float((end - start).squareRoot())
        whole = noise.normal(count: count).map { $0 * deviation }
    }

    /// The path's increment from `first` to `last`, both cut to the interval's ends.
    mutating func increment(from first: Double, to last: Double) -> [Float] {
        let first = min(max(first, nodes[0].start), nodes[0].end)
        let last = min(max(last, nodes[0].start), nodes[0].end)
        guard first < last else { return [Float](repeating: 0, count: count) }
        var cover: [Int] = []
        locate(rounded(first), rounded(last), at: 0, into: &cover)
        guard let head = cover.first else { return [Float](repeating: 0, count: count) }
        var sum = increment(of: head)
        for node in cover.dropFirst() {
            let part = increment(of: node)
            sum = Elementwise.map(sum, part) { $0 + $1 }
        }
        return sum
    }

    /// Collects the nodes that tile [first, last], splitting the tree where needed.
    private mutating func locate(
        _ first: Double, _ last: Double, at index: Int, into cover: inout [Int]
    ) {
        guard first < last else { return }
        if first == nodes[index].start, last == nodes[index].end {
            cover.append(index)
            return
        }
        if nodes[index].midway == nil {
            split(index, towards: first == nodes[index].start ? last : first)
        }
        guard let midway = nodes[index].midway else { return }
        if last <= midway {
            locate(first, last, at: nodes[index].left, into: &cover)
        } else if first >= midway {
            locate(first, last, at: nodes[index].right, into: &cover)
        } else {
            locate(first, midway, at: nodes[index].left, into: &cover)
            locate(midway, last, at: nodes[index].right, into: &cover)
        }
    }

    /// Halves a node, then the half with `time` inside, until `time` is a midpoint.
    private mutating func split(_ root: Int, towards time: Double) {
        var index = root
        while true {
            let node = nodes[index]
            let midway = rounded(0.5 * (node.end + node.start))
            let key = [node.spawnKey, node.depth]
            let sequence = SeedSequence(entropy: entropy, spawnKey: key, poolSize: Self.poolSize)
            nodes[index].seed = UInt64(sequence.state(count: 1)[0])
            nodes[index].midway = midway
            nodes[index].left = nodes.count
            nodes[index].right = nodes.count + 1
            for isLeft in [true, false] {
                nodes.append(
                    Node(
                        start: isLeft ? node.start : midway, end: isLeft ? midway : node.end,
                        parent: index, isLeft: isLeft,
                        spawnKey: 2 &* node.spawnKey &+ (isLeft ? 0 : 1), depth: node.depth + 1))
            }
            let hasRoom = midway > node.start && midway < node.end
            if time == midway || !hasRoom { return }
            index = time > midway ? nodes[index].right : nodes[index].left
        }
    }

    /// The increment over one node, from its parent's and the parent's own noise.
    private mutating func increment(of index: Int) -> [Float] {
        guard index != 0 else { return whole }
        if let known = cache[index] { return known }
        let node = nodes[index]
        let above = increment(of: node.parent)
        let parent = nodes[node.parent]
        let midway = parent.midway ?? parent.end
        let reciprocal = 1 / (parent.end - parent.start)
        let left = midway - parent.start
        let share = Float(left)
        let scale = Float(reciprocal)
        let deviation = Float((left * (parent.end - midway) * reciprocal).squareRoot())
        var source = TorchNoise(seed: parent.seed)
        let noise = source.normal(count: count)
        let leftPart = Elementwise.map(above, noise) { share * $0 * scale + deviation * $1 }
        let result =
            node.isLeft ? leftPart : Elementwise.map(above, leftPart) { $0 - $1 }
        keep(result, for: index)
        return result
    }

    private mutating func keep(_ value: [Float], for index: Int) {
        if cacheOrder.count >= Self.cacheSize {
            cache[cacheOrder.removeFirst()] = nil
        }
        cache[index] = value
        cacheOrder.append(index)
    }
}

/// A time on the grid of the tree: six decimals, rounded as Python's `round` does.
private func rounded(_ time: Double) -> Double {
    Double(String(format: "%.6f", time)) ?? time
}
