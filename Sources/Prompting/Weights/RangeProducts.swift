/// Multiplies many overlapping ranges of a list of weights.
///
/// The products are taken in the order given, as A1111 does, so that the last bit agrees. Prompts
/// with tens of thousands of nested brackets would take quadratic time; beyond a budget a tree of
/// partial products is used, whose result may differ in the last bits.
struct RangeProducts {
    private var operations: [(range: Range<Int>, factor: Double)] = []
    /// Multiplications that are done one by one.
    private static let budget = 2_000_000

    mutating func multiply(_ range: Range<Int>, by factor: Double) {
        operations.append((range, factor))
    }

    func apply(to weights: inout [Double]) {
        let work = operations.reduce(0) { $0 + $1.range.count }
        guard work > Self.budget else {
            for operation in operations {
                for index in operation.range { weights[index] *= operation.factor }
            }
            return
        }
        // Node `leaves + i` stands for weight i; a node's factor applies to all below it.
        let leaves = weights.count
        var factors = [Double](repeating: 1, count: 2 * leaves)
        for operation in operations {
            var low = operation.range.lowerBound + leaves
            var high = operation.range.upperBound + leaves
            while low < high {
                if low & 1 == 1 {
                    factors[low] *= operation.factor
                    low += 1
                }
                if high & 1 == 1 {
                    high -= 1
                    factors[high] *= operation.factor
                }
                low >>= 1
                high >>= 1
            }
        }
        for index in weights.indices {
            var node = index + leaves
            while node > 0 {
                weights[index] *= factors[node]
                node >>= 1
            }
        }
    }
}
